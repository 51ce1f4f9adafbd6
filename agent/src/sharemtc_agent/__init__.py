"""The host agent: offers a machine's capacity and runs renters' workloads on it."""

__version__ = "0.1.0"
