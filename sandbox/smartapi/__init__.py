"""The SmartAPI face (Angel One), after the public documentation of that API."""
