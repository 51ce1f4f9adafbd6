"""The front door: the one public port. Serves the web application, the API's pages and health, and passes on ``/v1``."""
