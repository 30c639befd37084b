"""Routes: who is told about which alert, and the proof that everybody who owns one is."""
