"""Audit logs: security events and operators' decisions, in hash chains that reveal later changes."""
