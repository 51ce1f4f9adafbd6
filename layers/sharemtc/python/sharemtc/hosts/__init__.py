"""Providers and their hosts: enrollment, liveness, capacity, prices and commands."""
