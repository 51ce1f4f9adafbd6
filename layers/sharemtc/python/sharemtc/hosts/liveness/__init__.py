"""Heartbeats, leases, and the sweep that detects offline hosts."""
