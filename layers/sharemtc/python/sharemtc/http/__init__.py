"""HTTP for every function: routing, parsing, limits and responses."""
