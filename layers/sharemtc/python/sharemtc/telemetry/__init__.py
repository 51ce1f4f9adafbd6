"""Telemetry of hosts: ingestion, roll-ups, health checks, logs and queries."""
