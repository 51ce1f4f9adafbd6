"""ShareMTC: the domain of a compute marketplace, shared by every function and, through `wire`, by the host agent."""

__version__ = "0.1.0"
