"""Money: wallets and holds, what runs and at which rate, what was posted for it, and the double-entry ledger."""
