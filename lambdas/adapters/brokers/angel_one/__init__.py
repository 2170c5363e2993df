"""Angel One over SmartAPI (smartapi.angelbroking.com/docs)."""
