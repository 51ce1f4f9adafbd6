"""What changed in a user's world: one event for each transition, in its owner's time-bucketed partition."""
