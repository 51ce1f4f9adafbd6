"""Allocations: a slice of one host for one user, the unit of billing for compute."""
