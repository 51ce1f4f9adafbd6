"""Providers: users who own hosts."""
