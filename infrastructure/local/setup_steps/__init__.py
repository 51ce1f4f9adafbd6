"""The steps that prepare a checkout: environments, the console, system packages.

Standard library only: they run before any environment exists.
"""
