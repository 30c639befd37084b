"""Dashboards: what a model, its objectives and a whole environment look like, as panels without any tool's words."""
