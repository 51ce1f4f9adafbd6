"""A provider's view of what is rented and earned."""
