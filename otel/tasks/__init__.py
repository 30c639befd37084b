"""Measures of single tasks: ranked lists, forecasts, embeddings."""
