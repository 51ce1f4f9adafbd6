"""The contract: a slice of one host for one user, the only thing that is billed for compute."""
