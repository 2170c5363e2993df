"""What goes wrong in one run, and how often: drawn from the seed, so that runs differ in kind."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

RATES: dict[str, tuple[float, ...]] = {
    # Of invocations.
    "crash": (0.03, 0.15, 0.4),
    "duplicate": (0.05, 0.3),
    "late start": (0.05, 0.3),
    "lost answer": (0.03, 0.15),
    "second workflow": (0.1, 0.5),
    "stray workflow": (1.0,),
    # Of processes and the loop.
    "skew": (1.0,),
    "stall": (0.01, 0.05),
    "loop stalls": (0.1, 0.3),
    "rival loop": (0.5, 1.0),
    # Of calls to the table and the bus.
    "store fails": (0.003, 0.02),
    "store answers twice": (0.003, 0.02),
    "slow store": (0.02,),
    "switches unreadable": (0.1, 0.4),
    "limits unreadable": (0.1, 0.4),
    # Of orders and of other calls to a broker.
    "reply dropped": (0.05, 0.3),
    "reply garbled": (0.05, 0.3),
    "order lost": (0.05, 0.3),
    "unreachable": (0.05, 0.3),
    "refused": (0.05, 0.3),
    "rejected by exchange": (0.05, 0.3),
    "busy": (0.05, 0.3),
    "thin market": (0.1, 0.5),
    "rests": (0.1, 0.4),
    "slow send": (0.1, 0.5),
    "slow book": (0.2, 1.0),
    "read fails": (0.03, 0.2),
    "slow read": (0.03, 0.2),
    "wild quotes": (0.1, 0.4),
    # Of a whole run.
    "session killed": (0.5, 1.0),
    "broker hangs": (0.5, 1.0),
    "halt": (0.5, 1.0),
    "second halt": (1.0,),
    "strategy edited": (0.5, 1.0),
    "basket switched": (1.0,),
    "account switched": (0.5, 1.0),
    "strangers": (0.5, 1.0),
    "square off": (0.5, 1.0),
    "hours changed": (1.0,),
    "holiday": (0.5,),
    "market moves": (1.0,),
}
"""Each fault with the rates that it may have in a run in which it occurs."""
SHARE = 0.3
"""Of runs that know a given fault: a few at a time, so that each is seen with and without the others."""
RARE = {
    "holiday": 0.04,
    "hours changed": 0.2,
    "stray workflow": 0.2,
    "skew": 0.5,
    "switches unreadable": 0.15,
    "limits unreadable": 0.1,
    "wild quotes": 0.15,
    "second halt": 0.1,
    "account switched": 0.15,
    "strangers": 0.15,
}


@dataclass
class Faults:
    """The dice of one run. `happened` counts what fell; with `calm` nothing does any more."""

    random: Random
    rates: dict[str, float]
    happened: Counter[str] = field(default_factory=Counter)
    calm: bool = False

    @classmethod
    def drawn(cls, random: Random) -> "Faults":
        """The faults of a run, each at one rate for the whole of it."""
        rates = {name: random.choice(of) for name, of in RATES.items() if random.random() < RARE.get(name, SHARE)}
        return cls(random, rates)

    def strikes(self, name: str) -> bool:
        """Whether this fault happens now."""
        rate = self.rates.get(name)
        if rate is None or self.calm or self.random.random() >= rate:
            return False
        self.happened[name] += 1
        return True
