"""One module a command; the first line of its docstring is its help."""
