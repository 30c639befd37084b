"""One file a check; each defines ``CHECK``."""
