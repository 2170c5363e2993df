"""Loading masters: a broker that fails keeps the contracts of before, and says so once."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

import pytest

from lambdas.domain.accounts import Account
from lambdas.domain.contracts import NO_STRIKE, Listing, Right
from lambdas.domain.day_changes import ChangeKind, DayChange
from lambdas.ports.broker import BrokerGarbled, BrokerUnreachable, SessionOver
from lambdas.ports.events import Event
from lambdas.ports.secrets import AccountSecret
from lambdas.ports.store import MasterInfo
from lambdas.use_cases.load_contracts import COMPARED_FOR, MasterLoader
from tests.doubles.accounts import MemoryAccounts
from tests.doubles.broker import FakeBroker
from tests.doubles.events import RecordedEvents
from tests.doubles.examples import TICK, USER, a_contract, a_listing, an_account, at, listings_of
from tests.doubles.secrets import MemorySecrets
from tests.unit.use_cases.scene import CALENDAR, Scene

pytestmark = pytest.mark.anyio
TODAY = TICK.date
FRIDAY = date(2026, 11, 20)
EXPIRIES = {
    "NIFTY": (date(2026, 11, 23), date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 15)),
    "BANKNIFTY": (date(2026, 11, 23), date(2026, 12, 29)),
}
ONE_STRIKE = 12
"""Contracts of a master with one strike: a call and a put for each of the expiries."""


def a_master(*strikes: int, underlyings: Collection[str] = ("NIFTY", "BANKNIFTY")) -> list[Listing]:
    """Calls and puts at every expiry that the exchange's rules expect."""
    return [
        listing
        for underlying in underlyings
        for expiry in EXPIRIES[underlying]
        for listing in listings_of(*(strikes or (24500,)), expiry=expiry, underlying=underlying)
    ]


def loader_of(scene: Scene) -> MasterLoader:
    return MasterLoader(
        accounts=scene.accounts,
        controls=scene.controls,
        contracts=scene.contracts,
        secrets=scene.secrets,
        brokers=scene.brokers,
        events=scene.events,
        clock=scene.clock,
        calendar=CALENDAR,
        underlyings=frozenset(EXPIRIES),
    )


class BrokenBroker(FakeBroker):
    """Its master cannot be read for a reason that no adapter foresaw."""

    async def listings(self, underlyings: frozenset[str]) -> Sequence[Listing]:
        raise KeyError("instrument_type")


class DeafEvents(RecordedEvents):
    """The bus takes nothing."""

    async def publish(self, events: Sequence[Event]) -> None:
        raise ConnectionError("the bus is away")


class StalePointer(MemoryAccounts):
    """The last account that was logged in to Zerodha is not linked any more."""

    async def linked_brokers(self) -> Sequence[Account]:
        return [an_account("zerodha-gone")]


async def load(scene: Scene) -> dict[str, str]:
    return dict(await loader_of(scene).load())


async def two_brokers(scene: Scene) -> None:
    """Zerodha with one strike, and Angel One with two."""
    (await scene.link()).master = a_master()
    (await scene.link(an_account("angel-one", broker="angel_one"))).master = a_master(24500, 24550)


async def fridays_master(scene: Scene, listings: Sequence[Listing] = ()) -> None:
    """What Zerodha listed on the trading day before, at strike 24,400 unless said otherwise."""
    await scene.contracts.save_listings("zerodha", FRIDAY, listings or a_master(24400))


async def strikes_in_use(scene: Scene) -> set[int]:
    chain = await scene.contracts.chain("zerodha", "NIFTY", EXPIRIES["NIFTY"][0])
    return {int(strike) for strike in chain.strikes} if chain else set()


class TestLoading:
    async def test_one_master_is_loaded_for_each_linked_broker(self, scene: Scene) -> None:
        await two_brokers(scene)
        assert await load(scene) == {"angel_one": "24 contracts", "zerodha": "12 contracts"}
        assert await scene.contracts.expiries("angel_one", "NIFTY") == list(EXPIRIES["NIFTY"])
        assert await scene.contracts.master_of("zerodha") == MasterInfo(TODAY, ONE_STRIKE)
        assert scene.events.published == []

    async def test_futures_are_loaded_and_foreign_underlyings_are_not(self, scene: Scene) -> None:
        broker = await scene.link()
        future = a_listing(a_contract(0, Right.FUT, expiry=EXPIRIES["NIFTY"][0]))
        broker.master = [*a_master(), future, a_listing(a_contract(underlying="CRUDEOIL"))]
        assert await load(scene) == {"zerodha": "13 contracts"}
        chain = await scene.contracts.chain("zerodha", "NIFTY", EXPIRIES["NIFTY"][0])
        assert chain is not None
        assert future.contract.strike == NO_STRIKE
        assert chain.listings[future.contract] == future
        assert chain.strikes == {24500}
        assert await scene.contracts.expiries("zerodha", "CRUDEOIL") == []

    async def test_a_master_of_today_is_not_loaded_again(self, scene: Scene) -> None:
        await two_brokers(scene)
        await load(scene)
        assert set((await load(scene)).values()) == {"loaded today already"}
        assert scene.brokers.accounts[USER, "zerodha-one"].calls == ["listings"]

    async def test_connections_are_closed_even_after_a_failure(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.trouble = BrokerUnreachable("connection refused")
        await load(scene)
        assert broker.closed == 1

    async def test_nobody_linked_a_broker_and_nothing_is_loaded(self, scene: Scene) -> None:
        assert await load(scene) == {}


class TestFailures:
    @pytest.mark.parametrize(
        ("failure", "reason"),
        [
            ("down", "account zerodha-one: connection refused"),
            ("garbled", "account zerodha-one: the file breaks off"),
            ("no keys", "account zerodha-one: no keys are stored for account zerodha-one; link it again"),
            ("bad keys", "account zerodha-one: zerodha: api_key has characters that cannot be sent"),
            ("empty", "the master lists no contract of a known underlying"),
        ],
    )
    async def test_a_broker_that_fails_keeps_the_master_of_before_and_is_told(
        self, scene: Scene, failure: str, reason: str
    ) -> None:
        await two_brokers(scene)
        await fridays_master(scene)
        broker = scene.brokers.accounts[USER, "zerodha-one"]
        if failure == "down":
            broker.trouble = BrokerUnreachable("connection refused")
        elif failure == "garbled":
            broker.trouble = BrokerGarbled("the file breaks off")
        elif failure == "no keys":
            scene.secrets = MemorySecrets()
            await scene.secrets.write(USER, "angel-one", AccountSecret({"api_key": "key"}))
        elif failure == "bad keys":
            del scene.brokers.accounts[USER, "zerodha-one"]
        else:
            broker.master = []
        told = await load(scene)
        assert told == {
            "angel_one": "24 contracts",
            "zerodha": f"failed, the contracts of 20 Nov 2026 stay in use: {reason}",
        }
        assert await scene.contracts.master_of("zerodha") == MasterInfo(FRIDAY, ONE_STRIKE)
        assert await strikes_in_use(scene) == {24400}
        assert scene.events.of("MasterFailed") == [{"broker": "zerodha", "reason": reason, "in_use": "2026-11-20"}]

    async def test_without_a_master_of_before_the_failure_says_that_too(self, scene: Scene) -> None:
        (await scene.link()).trouble = BrokerUnreachable("connection refused")
        told = await load(scene)
        assert told == {"zerodha": "failed, no contracts are known: account zerodha-one: connection refused"}
        assert scene.events.of("MasterFailed")[0]["in_use"] is None

    async def test_what_nobody_foresaw_is_raised_after_every_broker_had_its_turn(self, scene: Scene) -> None:
        await two_brokers(scene)
        broken = scene.brokers.accounts[USER, "angel-one"] = BrokenBroker(scene.clock)
        with pytest.raises(ExceptionGroup) as caught:
            await load(scene)
        assert [str(error) for error in caught.value.exceptions] == ["'instrument_type'"]
        assert broken.closed == 1
        assert await scene.contracts.master_of("zerodha") == MasterInfo(TODAY, ONE_STRIKE)


class TestRepeatedFailures:
    """The load is tried every 15 minutes, and an alarm for each would be heard no more."""

    async def fail(self, scene: Scene, reason: str, when: datetime) -> None:
        scene.clock.move_to(when)
        scene.brokers.accounts[USER, "zerodha-one"].trouble = BrokerUnreachable(reason)
        assert (await load(scene))["zerodha"].endswith(reason)

    async def test_the_same_reason_is_told_once_a_day(self, scene: Scene) -> None:
        await scene.link()
        for when in (at("09:30"), at("09:45"), at("10:00")):
            await self.fail(scene, "connection refused", when)
        assert scene.events.names == ["MasterFailed"]
        await self.fail(scene, "connection refused", at("07:30", "2026-11-25"))
        assert scene.events.names == ["MasterFailed", "MasterFailed"]

    async def test_another_reason_is_told_at_once(self, scene: Scene) -> None:
        await scene.link()
        await self.fail(scene, "connection refused", at("09:30"))
        await self.fail(scene, "no answer", at("09:45"))
        reasons = [event["reason"] for event in scene.events.of("MasterFailed")]
        assert reasons == ["account zerodha-one: connection refused", "account zerodha-one: no answer"]

    async def test_a_broker_that_comes_back_is_loaded_the_same_day(self, scene: Scene) -> None:
        broker = await scene.link()
        broker.master = a_master()
        await self.fail(scene, "connection refused", at("09:30"))
        broker.trouble = None
        assert await load(scene) == {"zerodha": "12 contracts"}

    async def test_a_failure_is_remembered_only_when_it_was_told(self, scene: Scene) -> None:
        await scene.link()
        scene.events = DeafEvents()
        scene.brokers.accounts[USER, "zerodha-one"].trouble = BrokerUnreachable("connection refused")
        with pytest.raises(ExceptionGroup):
            await load(scene)
        assert await scene.contracts.last_failure("zerodha") is None


class TestUnfitMasters:
    async def test_a_master_of_fewer_than_half_the_contracts_is_refused(self, scene: Scene) -> None:
        (await scene.link()).master = a_master(24500)
        await fridays_master(scene, [*a_master(24400, 24450), a_listing(a_contract(30000))])
        assert (await load(scene))["zerodha"] == (
            "failed, the contracts of 20 Nov 2026 stay in use: "
            "the master lists 12 contracts, fewer than half of the 25 of 20 Nov"
        )
        assert await strikes_in_use(scene) == {24400, 24450}

    async def test_half_of_the_contracts_is_enough(self, scene: Scene) -> None:
        (await scene.link()).master = a_master(24500)
        await fridays_master(scene, a_master(24400, 24450))
        assert await load(scene) == {"zerodha": "12 contracts"}
        assert await strikes_in_use(scene) == {24500}

    async def test_a_master_without_an_underlying_of_before_is_refused(self, scene: Scene) -> None:
        (await scene.link()).master = a_master(24500, 24550, underlyings=["NIFTY"])
        await fridays_master(scene)
        assert (await load(scene))["zerodha"].endswith("the master lists no BANKNIFTY, which that of 20 Nov did")
        assert await strikes_in_use(scene) == {24400}

    async def test_an_underlying_of_which_every_expiry_is_over_may_vanish(self, scene: Scene) -> None:
        (await scene.link()).master = a_master(24500, 24550, underlyings=["NIFTY"])
        over = listings_of(52000, underlying="BANKNIFTY", expiry=FRIDAY)
        await fridays_master(scene, [*a_master(24400, underlyings=["NIFTY"]), *over])
        assert await load(scene) == {"zerodha": "16 contracts"}

    @pytest.mark.parametrize(("age", "refused"), [(COMPARED_FOR, True), (COMPARED_FOR + timedelta(days=1), False)])
    async def test_after_a_week_a_smaller_master_is_better_than_none(
        self, scene: Scene, age: timedelta, refused: bool
    ) -> None:
        (await scene.link()).master = a_master(24500, underlyings=["NIFTY"])
        await scene.contracts.save_listings("zerodha", TODAY - age, a_master(24400, 24450, 24500))
        assert (await load(scene))["zerodha"].startswith("failed") is refused


class TestAccountsOfABroker:
    async def test_another_account_of_the_user_is_tried_when_a_session_is_over(self, scene: Scene) -> None:
        late = an_account("zerodha-late", session_expires_at=at("07:00", "2026-11-24"))
        (await scene.link(late)).trouble = SessionOver("log in again")
        (await scene.link()).master = a_master()
        never = await scene.link(an_account("zerodha-never", session_expires_at=None))
        assert await load(scene) == {"zerodha": "12 contracts"}
        assert never.calls == []
        assert scene.events.published == []

    async def test_when_no_account_gets_it_each_says_why(self, scene: Scene) -> None:
        late = an_account("zerodha-late", session_expires_at=at("07:00", "2026-11-24"))
        (await scene.link(late)).trouble = SessionOver("log in again")
        (await scene.link()).trouble = BrokerUnreachable("connection refused")
        await load(scene)
        (event,) = scene.events.of("MasterFailed")
        assert event["reason"] == "account zerodha-late: log in again; account zerodha-one: connection refused"

    async def test_an_unfit_master_is_not_asked_for_again_by_another_account(self, scene: Scene) -> None:
        late = an_account("zerodha-late", session_expires_at=at("07:00", "2026-11-24"))
        await scene.link(late)
        second = await scene.link()
        second.master = a_master()
        assert (await load(scene))["zerodha"].startswith("failed")
        assert second.calls == []

    async def test_accounts_of_other_brokers_and_users_are_left_alone(self, scene: Scene) -> None:
        (await scene.link(an_account(session_expires_at=at("07:00", "2026-11-24")))).trouble = SessionOver("over")
        strangers = [
            await scene.link(an_account("angel-one", broker="angel_one", session_expires_at=None)),
            await scene.link(an_account("zerodha-two", user_id="user-two")),
        ]
        assert (await load(scene))["zerodha"].endswith("account zerodha-one: over")
        assert [stranger.calls for stranger in strangers] == [[], []]

    async def test_an_account_that_is_gone_is_named_and_the_others_are_tried(self, scene: Scene) -> None:
        scene.accounts = StalePointer()
        gone = "account zerodha-gone, the last one that was logged in, is not linked any more"
        assert (await load(scene))["zerodha"] == f"failed, no contracts are known: {gone}"
        (await scene.link()).master = a_master()
        assert await load(scene) == {"zerodha": "12 contracts"}


class TestWarnings:
    async def test_odd_expiries_are_kept_with_the_master_and_told_once(self, scene: Scene) -> None:
        odd = listings_of(24500, underlying="BANKNIFTY", expiry=date(2026, 12, 24))
        (await scene.link()).master = [*a_master(), *odd]
        said = "BANKNIFTY lists the expiry Thu 24 Dec 2026, which is none by the exchange's rules"
        for _ in range(2):
            await load(scene)
        assert await scene.contracts.master_of("zerodha") == MasterInfo(TODAY, ONE_STRIKE + 2, (said,))
        assert scene.events.of("MasterWarning") == [{"broker": "zerodha", "warnings": [said]}]

    async def test_what_is_odd_of_every_index_is_said_once(self, scene: Scene) -> None:
        scene.clock.move_to(at("08:00", "2026-12-28"))
        expiries = (date(2026, 12, 29), date(2027, 1, 26))
        (await scene.link()).master = [
            row for name in EXPIRIES for day in expiries for row in listings_of(24500, underlying=name, expiry=day)
        ]
        await load(scene)
        (event,) = scene.events.of("MasterWarning")
        assert event["warnings"] == ["the expiries of 2027 are not checked: no calendar is known for that year"]

    async def test_a_holiday_that_an_operator_entered_moves_an_expiry(self, scene: Scene) -> None:
        (await scene.link()).master = a_master()
        mourning = DayChange(date(2026, 12, 8), ChangeKind.HOLIDAY, "Mourning")
        await scene.controls.change_day(mourning, by="operator", at=at("08:00"))
        await load(scene)
        (event,) = scene.events.of("MasterWarning")
        assert event["warnings"] == [
            "NIFTY lists the expiry Tue 08 Dec 2026, a day without a session: holiday: Mourning",
            "NIFTY does not list Mon 07 Dec 2026, an expiry by the exchange's rules",
        ]
