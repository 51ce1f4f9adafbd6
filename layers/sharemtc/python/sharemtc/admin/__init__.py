"""Operators' views and decisions: providers, hosts, risks and platform figures."""
