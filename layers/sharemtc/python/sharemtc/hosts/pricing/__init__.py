"""Price books and the market's prices."""
