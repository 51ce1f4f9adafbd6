"""Supply: providers' hosts, how they join, whether they live, what they may still sell, what they are told to do."""
