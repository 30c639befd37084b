"""The language: what a person may write, and what it means; YAML text → `catalog.Catalog`."""
