"""Counts of one model in plain arrays, and the recorder that folds what callers say into them."""
