"""Generators that read the operations declared by the functions. Nothing that is deployed imports them."""
