"""Pages for people: models, runbooks, the metrics catalogue."""
