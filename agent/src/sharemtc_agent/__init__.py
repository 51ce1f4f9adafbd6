"""The agent that a provider runs on a machine: it sells the machine's capacity and runs renters' workloads on it."""

__version__ = "0.1.0"
