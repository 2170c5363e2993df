"""What was last found when an account was compared with its broker."""

from datetime import date

from lambdas.domain.compared import Compared, Remembered
from lambdas.domain.comparison import Difference, DifferenceKind, Stranger, StrangerKind
from lambdas.domain.earlier import Leftover
from tests.doubles.examples import USER, an_account, at
from tests.unit.api.house import OTHER, House, store

PATH = "/accounts/zerodha-one/comparison"
FOUND = Compared(
    user_id=USER,
    account_id="zerodha-one",
    version=1,
    tried_at=at("10:01"),
    at=at("10:00"),
    unreadable="connection refused",
    differences=(
        Remembered(
            Difference(DifferenceKind.NOT_HELD, "NIFTY24500CE/MIS", "the runs hold -130, the broker has +0"),
            first_seen=at("09:58"),
            last_seen=at("10:00"),
            told=True,
        ),
    ),
    strangers=(Stranger(StrangerKind.POSITION, "NIFTY24500PE", -65, "NRML"),),
    earlier=(Leftover("spread-20261120", date(2026, 11, 20), "NIFTY24500PE", "MIS", -130, -65, told=True),),
)


def test_differences_and_strangers_are_told_apart_with_what_to_do(house: House) -> None:
    store(house.accounts.save_account(an_account()), house.comparisons.save_comparison(FOUND))
    status, answer = house.ask("GET", PATH)
    assert status == 200
    assert answer == {
        "account_id": "zerodha-one",
        "compared_at": "2026-11-23T10:00:00+05:30",
        "unreadable": "connection refused",
        "differences": [
            {
                "kind": "not_held",
                "what": "the runs hold -130, the broker has +0",
                "advice": DifferenceKind.NOT_HELD.advice,
                "since": "2026-11-23T09:58:00+05:30",
                "last_seen": "2026-11-23T10:00:00+05:30",
                "persists": True,
            }
        ],
        "strangers": [{"kind": "position", "symbol": "NIFTY24500PE", "quantity": -65, "reference": "NRML"}],
        "earlier": [
            {
                "run_id": "spread-20261120",
                "date": "2026-11-20",
                "symbol": "NIFTY24500PE",
                "product": "MIS",
                "quantity": -130,
                "held": -65,
            }
        ],
    }


def test_an_account_that_was_never_compared_has_nothing(house: House) -> None:
    broker = house.link()
    status, answer = house.ask("GET", PATH)
    assert (status, answer["compared_at"], answer["unreadable"]) == (200, None, None)
    assert (answer["differences"], answer["strangers"], answer["earlier"]) == ([], [], [])
    assert broker.calls == []


def test_an_account_of_another_does_not_exist(house: House) -> None:
    store(house.accounts.save_account(an_account()), house.comparisons.save_comparison(FOUND))
    house.refused("GET", PATH, 404, user_id=OTHER)
    house.refused("GET", "/accounts/never-made/comparison", 404)
