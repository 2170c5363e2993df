"""The admin face: accounts, faults, books and prices, for tests and for people."""
