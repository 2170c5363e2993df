"""The Upstox face (API versions 2 and 3), after the public documentation of that API."""
