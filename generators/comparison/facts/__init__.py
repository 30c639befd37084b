"""Facts: what artefacts say, read from their texts, one kind of file a module."""
