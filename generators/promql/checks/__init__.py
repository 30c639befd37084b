"""What Prometheus would refuse in a well-formed tree."""
