"""A host's capacity: what is offered, withheld, leased and free."""
