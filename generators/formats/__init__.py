"""Formats of text that every package reads and writes; knows nothing of models, rules or dashboards."""
