"""Price books and market prices."""
