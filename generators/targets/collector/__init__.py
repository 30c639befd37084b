"""What runs as a Collector: configurations, the distribution, and how long backends keep what they are sent."""
