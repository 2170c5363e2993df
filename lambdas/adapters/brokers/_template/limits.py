"""The broker's rate limits for one account, and the page that publishes them.

Give every field of `Limits`; leave out those with a default that the broker does not publish. Where several
limits apply to the same calls, take the stricter reading, and say here how it was read. The registry imports
this file for every broker at once, so it imports nothing but `Limits`.
"""

from lambdas.adapters.brokers.limits import Limits

LIMITS: Limits
"""Declared only: importing it fails until the numbers stand here."""
