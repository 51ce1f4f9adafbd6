"""Workloads of every kind: what users want, what hosts have proved, and the lifecycle between the two."""
