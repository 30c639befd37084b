"""Alertmanager configurations in pure Python."""
