"""What the HTTP faces have in common: arrival, faults, limits, and how a reply is lost."""
