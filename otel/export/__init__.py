"""Telemetry on its way out: settings from the environment, providers of the SDK, bounded queues, forks and exits."""
