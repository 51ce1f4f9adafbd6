"""The pieces a checkout needs before it can run: environments, the web application, system packages.

Standard library only: they run before any environment exists.
"""
