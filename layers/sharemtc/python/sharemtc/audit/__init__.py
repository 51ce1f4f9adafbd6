"""Evidence: what happened to an account's security, in a chain of records that shows any later change."""
