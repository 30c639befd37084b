"""Operators and aggregations."""
