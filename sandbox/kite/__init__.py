"""The Kite Connect v3 face (Zerodha), after the public documentation of that API."""
