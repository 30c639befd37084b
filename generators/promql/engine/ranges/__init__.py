"""Range vectors: the windows of samples that selectors and subqueries give, and the functions over them."""
