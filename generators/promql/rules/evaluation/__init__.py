"""Rule groups over time: schedules, dependencies, alerts, and what comes of them."""
