"""Dashboards as Grafana's classic JSON, and the file that provisions them."""
