"""The gateway, the one public port: serves the console, /health and the API documentation, forwards ``/v1``."""
