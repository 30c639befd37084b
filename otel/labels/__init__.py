"""Labels that come late: the stores where predictions wait for them, and the join."""
