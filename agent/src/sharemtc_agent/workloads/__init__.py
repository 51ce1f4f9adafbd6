"""Workloads: what runs here, what is asked of it, how long it may run."""
