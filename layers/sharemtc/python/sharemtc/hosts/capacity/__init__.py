"""What a host may sell: counters, slices, offering and withholding."""
