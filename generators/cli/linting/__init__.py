"""What ``lint`` can look at: one module a subject, found by discovery; its docstring's first line is its help."""
