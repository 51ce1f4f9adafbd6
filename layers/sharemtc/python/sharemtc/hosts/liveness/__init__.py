"""Heartbeats, leases and the sweep that judges them."""
