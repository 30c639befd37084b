"""Series: label sets, series in memory, and the notations and files that they are read from."""
