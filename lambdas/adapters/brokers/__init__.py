"""Brokers over HTTP: one folder each, none of which imports another. `registry` opens them by name."""
