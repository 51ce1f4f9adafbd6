"""The templates of workloads."""
