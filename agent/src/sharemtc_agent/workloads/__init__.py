"""Workloads: commands, fences, leases and the runtimes' workloads."""
