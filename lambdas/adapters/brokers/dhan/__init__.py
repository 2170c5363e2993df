"""Dhan over DhanHQ v2 (dhanhq.co/docs/v2)."""
