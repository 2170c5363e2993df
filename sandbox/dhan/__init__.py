"""The DhanHQ v2 face (Dhan), after the public documentation of that API."""
