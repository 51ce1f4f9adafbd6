"""What a host says that it is, and which host a GPU is in."""
