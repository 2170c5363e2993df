"""Fyers over its API v3 (myapi.fyers.in/docsv3)."""
