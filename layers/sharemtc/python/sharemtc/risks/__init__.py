"""What operators should look at: one record for each kind of risk and thing, noted by the rules that see it."""
