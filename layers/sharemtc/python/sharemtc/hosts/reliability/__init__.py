"""The reliability score, its history and failed starts."""
