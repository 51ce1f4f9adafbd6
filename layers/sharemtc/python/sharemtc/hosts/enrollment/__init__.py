"""Enrollment: single-use codes, and the request that redeems one."""
