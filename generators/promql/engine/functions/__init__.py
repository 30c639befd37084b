"""Functions of scalars and instant vectors."""
