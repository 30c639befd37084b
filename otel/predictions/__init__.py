"""Predictions: one request, a batch, a decorated function, and what becomes of their outcomes."""
