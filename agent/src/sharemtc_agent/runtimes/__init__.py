"""How workloads are run: one driver per kind."""
