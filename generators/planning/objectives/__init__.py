"""Objectives: what they count, the rules that record and judge it, and how soon an outage pages somebody."""
