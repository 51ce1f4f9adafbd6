"""Reliability scores and failed starts."""
