"""Runtimes, one per kind of workload."""
