"""Measurements of speed, each beside its aim and, where there is one, beside a peer in the same run."""
