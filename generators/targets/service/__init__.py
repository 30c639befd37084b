"""What the service of a model reads: the manifest of its instruments, and the settings of its SDK."""
