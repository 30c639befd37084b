"""The label algebra: which labels the result of an expression has, may have, and cannot have."""
