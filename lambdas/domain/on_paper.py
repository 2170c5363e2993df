"""What `mode: paper` means: each live account of a strategy is traded by the paper account that quotes from it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.domain.accounts import PAPER, Account, paper_accounts_on
from lambdas.domain.strategy import StrategyDefinition


@dataclass(frozen=True)
class OnPaper:
    """A definition as it is traded, and why it cannot be; the definition is as it was written then."""

    definition: StrategyDefinition
    problems: tuple[str, ...] = ()


def as_traded(definition: StrategyDefinition, accounts: Mapping[str, Account]) -> OnPaper:
    """The definition with the accounts that trade it; `accounts` are those of its user, by id.

    In mode paper a live account gives way to the first of its paper accounts by id, and a paper account stays. In
    mode live everything stays, also a paper account, which then trades next to live ones. An account that is not
    linked is left to whoever asks for linked ones.
    """
    if definition.mode != "paper":
        return OnPaper(definition)
    stands_for = {account_id: _paper_of(account_id, accounts) for account_id in sorted(definition.account_ids())}
    problems = [
        f"mode: paper needs a paper account that quotes from account {account_id}; link one"
        for account_id, paper in stands_for.items()
        if paper is None
    ]
    chosen = {account_id: paper for account_id, paper in stands_for.items() if paper is not None}
    problems += _twice(definition, chosen)
    return OnPaper(definition, tuple(problems)) if problems else OnPaper(_with_accounts(definition, chosen))


def _paper_of(account_id: str, accounts: Mapping[str, Account]) -> str | None:
    account = accounts.get(account_id)
    if account is None or account.broker == PAPER:
        return account_id
    return next(iter(paper_accounts_on(account_id, accounts.values())), None)


def _twice(definition: StrategyDefinition, chosen: Mapping[str, str]) -> list[str]:
    """Accounts of one allocation that would be traded in the same paper account: their lots would be mixed up."""
    named = [("allocation", [share.account_id for share in definition.allocation])]
    for number, leg in enumerate(definition.legs, 1):
        named.append((f"legs[{number}].allocation", [share.account_id for share in leg.allocation]))
    problems = []
    for field, account_ids in named:
        papers = Counter(chosen[account_id] for account_id in account_ids if account_id in chosen)
        problems += [
            f"{field}: paper account {paper} stands for two of its accounts; name one of them"
            for paper, times in sorted(papers.items())
            if times > 1
        ]
    return problems


def _with_accounts(definition: StrategyDefinition, chosen: Mapping[str, str]) -> StrategyDefinition:
    allocation = tuple(
        share.model_copy(update={"account_id": chosen[share.account_id]}) for share in definition.allocation
    )
    legs = tuple(
        leg.model_copy(
            update={
                "allocation": tuple(
                    share.model_copy(update={"account_id": chosen[share.account_id]}) for share in leg.allocation
                )
            }
        )
        for leg in definition.legs
    )
    return definition.model_copy(update={"allocation": allocation, "legs": legs})
