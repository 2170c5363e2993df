"""The Fyers API v3 face, after the public documentation of that API (myapi.fyers.in/docsv3)."""
