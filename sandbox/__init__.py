"""A sample exchange for index options behind the brokers' own wire protocols.

It serves laptops and tests. Its prices come from a seeded process or a recorded file and are no market
feed. It shares no code with the product: only the calendar file is read, by path.
"""
