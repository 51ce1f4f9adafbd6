"""Users: registration, sign-in, sessions, credentials and settings."""
