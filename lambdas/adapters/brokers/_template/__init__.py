"""A broker that is not there yet: copy this folder to begin one (docs/brokers.md, "Adding a broker").

Every file says what belongs into it. What is not written yet raises NotImplementedError or cannot be
imported; nothing here does half a thing. The registry does not know this folder and functions are packaged
without it. In a copy, begin this docstring with the broker's name and the address of its documentation.
"""
