"""Rule files of Prometheus, and what a server must be told."""
