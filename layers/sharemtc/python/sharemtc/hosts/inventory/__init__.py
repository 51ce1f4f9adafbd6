"""Hosts' inventories, and which host each GPU is in."""
