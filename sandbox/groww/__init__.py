"""The Groww face (Trade API v1), after the public documentation of that API."""
