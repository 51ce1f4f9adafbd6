"""Users with supply."""
