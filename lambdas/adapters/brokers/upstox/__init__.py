"""Upstox over its developer API, versions 2 and 3 (upstox.com/developer/api-documentation)."""
