"""Money: wallets, holds, meters, accruals and the double-entry ledger."""
