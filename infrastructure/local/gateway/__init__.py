"""The gateway: the one public port. Serves the web application, health and the API's pages; passes on ``/v1``."""
