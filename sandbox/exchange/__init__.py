"""The exchange itself: contracts, prices, orders, positions. No HTTP in here."""
