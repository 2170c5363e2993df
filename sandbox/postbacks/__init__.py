"""Postbacks: order updates that the sandbox posts to an address, in each broker's own words."""
