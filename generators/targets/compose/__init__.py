"""The stack of an environment on one machine, for Compose."""
