"""A provider's own view of what is rented and earned."""
