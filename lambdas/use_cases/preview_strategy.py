"""Show what a strategy would do before it is saved: contracts, lots, orders, margin, payoff, coming runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from lambdas.domain.accounts import Account
from lambdas.domain.basket import Basket
from lambdas.domain.margin import MarginEstimate
from lambdas.domain.moments import IST
from lambdas.domain.payoff import Payoff
from lambdas.domain.planning_error import PlanningError
from lambdas.domain.preview import PreviewLeg, at_the_money, margin_of, payoff_of, preview_legs
from lambdas.domain.resolving import Market
from lambdas.domain.rounding import LegLots, lots_of_legs, rounding_notes
from lambdas.domain.strategy import StrategyDefinition
from lambdas.domain.trading_calendar import TradingCalendar
from lambdas.domain.upcoming import HORIZON_DAYS, ComingDay, coming_days
from lambdas.ports.broker import BrokerError
from lambdas.ports.clock import Clock
from lambdas.ports.secrets import SecretMissing
from lambdas.ports.store import AccountStore, ContractStore, ControlStore, StrategyStore
from lambdas.use_cases.prepare_runs import MAX_ORDERS_OF_A_RUN
from lambdas.use_cases.read_market import MarketReader
from lambdas.use_cases.save_strategy import StrategySaver

Estimate = TypeVar("Estimate")


@dataclass(frozen=True)
class MarketPreview:
    """The strategy at the present quotes.

    `payoff` and `margin` are None where a leg has no price; a warning says so then.
    """

    market: Market
    quoted_by: str
    contracts_for: date
    legs: tuple[PreviewLeg, ...]
    payoff: Payoff | None
    margin: MarginEstimate | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """Everything that can be said of a definition now.

    `problems` keep it from being saved. `at_market` is None when no quotes could be had; `no_market` says why.
    """

    problems: tuple[str, ...]
    lots: tuple[LegLots, ...]
    rounding: tuple[str, ...]
    coming: tuple[ComingDay, ...]
    at_market: MarketPreview | None
    no_market: str | None


@dataclass(frozen=True)
class StrategyPreviewer:
    """Shows a definition through the same rules, contracts and prices as the engine uses."""

    strategies: StrategyStore
    accounts: AccountStore
    controls: ControlStore
    contracts: ContractStore
    saver: StrategySaver
    markets: MarketReader
    clock: Clock
    calendar: TradingCalendar
    freeze_quantities: Mapping[str, int]

    async def preview(self, user_id: str, definition: StrategyDefinition) -> Preview:
        """What this definition would do for this user. Raises nothing for what is wrong with it."""
        accounts = {account.account_id: account for account in await self.accounts.accounts(user_id)}
        basket_id = definition.basket_id
        basket = await self.strategies.basket(user_id, basket_id) if basket_id else None
        control = await self.controls.control()
        now = self.clock.now().astimezone(IST)
        calendar = self.calendar.with_changes(control.changes)
        coming = coming_days(definition.schedule, calendar, now, runs=HORIZON_DAYS)
        problems = self.saver.judge(definition, accounts, basket)
        if definition.mode == "paper":
            definition = _on_paper(definition, accounts, problems)
        lots = lots_of_legs(definition, basket.definition.multiplier if basket else Decimal(1))
        try:
            day = next((row.date for row in coming if row.runs), now.date())
            at_market = await self._at_market(definition, lots, accounts, basket, day)
            no_market = None
        except (PlanningError, BrokerError, SecretMissing) as error:
            at_market, no_market = None, str(error)
        return Preview(tuple(problems), lots, tuple(rounding_notes(lots)), tuple(coming), at_market, no_market)

    async def _at_market(
        self,
        definition: StrategyDefinition,
        lots: Sequence[LegLots],
        accounts: Mapping[str, Account],
        basket: Basket | None,
        day: date,
    ) -> MarketPreview:
        using = {share.account_id for leg in lots for share in leg.shares}
        unlinked = sorted(using - set(accounts))
        if unlinked:
            raise PlanningError(f"allocation: {', '.join(unlinked)} is not linked; link it to see prices")
        async with self.markets.reading(accounts) as reading:
            resolved = await reading.resolve(definition, day, account_ids=using)
            chosen = {leg.contract for leg in resolved.legs}
            resolved = await reading.quote(resolved, chosen | at_the_money(resolved.legs, resolved.market))
        market = resolved.market
        legs = preview_legs(
            resolved.legs,
            lots,
            market,
            brokers={account_id: accounts[account_id].master for account_id in using},
            freeze_quantities=self.freeze_quantities,
            max_lots_per_leg=self.saver.max_lots_per_leg,
        )
        warnings = [*_of_orders(legs), *await self._of_masters(market)]
        margin = _known(margin_of, "margin", legs, market, warnings)
        curve = _known(payoff_of, "payoff", legs, market, warnings)
        warnings += _of_capital(margin, basket)
        return MarketPreview(market, resolved.quoted_by, day, legs, curve, margin, tuple(warnings))

    async def _of_masters(self, market: Market) -> list[str]:
        """Warnings of instrument masters that are not of today."""
        today = self.clock.now().astimezone(IST).date()
        warnings: list[str] = []
        for broker in sorted(market.chains):
            master = await self.contracts.master_of(broker)
            if master is not None and master.loaded_on != today:
                warnings.append(f"the contracts of {broker} are those of {master.loaded_on:%d %b %Y}")
        return warnings


def _on_paper(
    definition: StrategyDefinition, accounts: Mapping[str, Account], problems: list[str]
) -> StrategyDefinition:
    """The definition with the accounts that trade it; what is missing joins the problems."""
    from lambdas.domain.on_paper import as_traded

    traded = as_traded(definition, accounts)
    problems += [problem for problem in traded.problems if problem not in problems]
    return traded.definition


def _known(
    estimate: Callable[[Sequence[PreviewLeg], Market], Estimate],
    what: str,
    legs: Sequence[PreviewLeg],
    market: Market,
    warnings: list[str],
) -> Estimate | None:
    """The estimate, or None and a warning that says what it lacks."""
    try:
        return estimate(legs, market)
    except ValueError as error:
        warnings.append(f"no {what}: {error}")
        return None


def _of_orders(legs: Sequence[PreviewLeg]) -> list[str]:
    orders = sum(len(order.slices) for leg in legs for order in leg.orders)
    if orders <= MAX_ORDERS_OF_A_RUN:
        return []
    return [f"{orders} orders at once are more than {MAX_ORDERS_OF_A_RUN}; its runs will be refused: split it"]


def _of_capital(margin: MarginEstimate | None, basket: Basket | None) -> list[str]:
    capital = basket.definition.capital if basket else None
    if margin is None or capital is None or margin.total <= capital:
        return []
    return [f"the estimated margin {margin.total} is above the basket's capital {capital}"]
