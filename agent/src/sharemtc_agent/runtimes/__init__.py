"""How workloads are run: one runtime per kind."""
