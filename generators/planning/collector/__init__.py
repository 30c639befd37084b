"""The Collectors of an environment: what follows from specs, merged into hand-written bases, and checked."""
