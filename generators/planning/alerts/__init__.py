"""Alerts: conditions with explicit numbers, the texts that explain them, and the stages that follow them."""
