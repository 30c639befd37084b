"""What ``watchspec explain`` can explain: one module a subject."""
