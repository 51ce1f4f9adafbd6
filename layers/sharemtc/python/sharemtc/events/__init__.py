"""The event log: one event per transition, in a partition per owner and day."""
