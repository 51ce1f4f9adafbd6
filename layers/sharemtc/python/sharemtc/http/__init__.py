"""The front of every function: requests in, responses out."""
