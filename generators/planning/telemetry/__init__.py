"""Telemetry: what services emit, and the closed world of all series that rules may read."""
