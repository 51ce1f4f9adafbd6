"""Risks for operators to look at: one record per kind of risk and resource, reported by rules."""
