"""Unit tests of rules, as promtool has them: read, run, compared, reported."""
