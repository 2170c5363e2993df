"""Zerodha over Kite Connect v3 (kite.trade/docs/connect/v3)."""
