"""Files on disk: paths that are safe everywhere, what differs, and the write that replaces a tree as a whole."""
