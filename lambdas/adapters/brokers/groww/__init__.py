"""Groww over its Trade API v1 (groww.in/trade-api/docs)."""
