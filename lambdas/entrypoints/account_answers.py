"""What the API answers about brokers, logins and tests of accounts. No field has a default, as in `api_answers`."""

import datetime
from ipaddress import IPv4Address
from typing import Annotated, Self

from pydantic import Field

from lambdas.domain.accounts import AlgoPart
from lambdas.entrypoints.api_answers import Answer, Rupees
from lambdas.ports.brokers import BrokerFacts, LinkField
from lambdas.use_cases.log_in import BegunLogin
from lambdas.use_cases.probe_account import Findings
from lambdas.use_cases.tell_postback import PostbackAddress

CALLBACK_PATH = "/brokers/callback"
"""The dashboard's page to which the browser comes back from a broker."""


class LinkFieldAnswer(Answer):
    """One thing to enter when an account is linked."""

    name: str
    label: str
    secret: Annotated[bool, Field(description="to be typed into a field that hides it")]
    optional: Annotated[bool, Field(description="may be left empty")]
    help: Annotated[str, Field(description="where to find it at the broker")]

    @classmethod
    def of(cls, field: LinkField) -> Self:
        """The same, for the page."""
        return cls(name=field.name, label=field.label, secret=field.secret, optional=field.optional, help=field.help)


class OrderLimitsAnswer(Answer):
    """How many orders the broker takes from one account; null where it names no limit."""

    per_second: int
    per_minute: int | None
    per_day: int | None
    modifications: Annotated[int | None, Field(description="changes of one order")]


class BrokerAnswer(Answer):
    """A broker, and what linking an account there needs."""

    name: str
    label: str
    fields: list[LinkFieldAnswer]
    redirects: Annotated[bool, Field(description="the login is at the broker's page, in the user's browser")]
    callback_path: Annotated[
        str | None,
        Field(
            description="the path behind the dashboard's address that is entered at the broker as redirect URL before "
            "the first login; null where none is"
        ),
    ]
    typed_code: Annotated[
        bool, Field(description="the login may be given a one-time password that the user types, as `totp`")
    ]
    limits: OrderLimitsAnswer
    algo: Annotated[list[AlgoPart], Field(description="what of a registered algorithm its orders can carry")]

    @classmethod
    def of(cls, facts: BrokerFacts) -> Self:
        """The facts of a broker."""
        limits = facts.limits
        return cls(
            name=facts.name,
            label=facts.label,
            fields=[LinkFieldAnswer.of(field) for field in facts.fields],
            redirects=facts.redirects,
            callback_path=CALLBACK_PATH if facts.redirects else None,
            typed_code=facts.typed_code,
            limits=OrderLimitsAnswer(
                per_second=limits.per_second,
                per_minute=limits.per_minute,
                per_day=limits.per_day,
                modifications=limits.modifications,
            ),
            algo=sorted(facts.algo),
        )


class EgressRouteAnswer(Answer):
    """One way on which calls of accounts leave to their brokers."""

    name: Annotated[str, Field(description="as an account's `egress` has it")]
    address: Annotated[
        IPv4Address | None,
        Field(description="the static address to register at the brokers; null where none is configured"),
    ]


class LoginAnswer(Answer):
    """Where the user's browser logs in; null where the broker needs no browser."""

    login_url: str | None
    state: Annotated[
        str | None,
        Field(description="to be sent with what the login brings, also where the broker does not bring it back"),
    ]

    @classmethod
    def of(cls, begun: BegunLogin) -> Self:
        """A login that has begun."""
        return cls(login_url=begun.url, state=begun.state)


class AccountTestAnswer(Answer):
    """What the broker said of an account just now."""

    client_id: str
    name: str
    available: Rupees
    used: Rupees
    milliseconds: Annotated[int, Field(description="that both calls to the broker took")]
    problems: Annotated[list[str], Field(description="what does not fit the account as it is linked")]

    @classmethod
    def of(cls, found: Findings) -> Self:
        """What a test found."""
        return cls(
            client_id=found.client_id,
            name=found.name,
            available=found.available,
            used=found.used,
            milliseconds=round(found.took / datetime.timedelta(milliseconds=1)),
            problems=list(found.problems),
        )


class PostbackAnswer(Answer):
    """Where the broker of an account posts order updates to; both null where it posts none."""

    url: str | None
    enter_at: Annotated[str | None, Field(description="where at the broker to enter it")]

    @classmethod
    def of(cls, address: PostbackAddress | None) -> Self:
        """The address, if there is one."""
        return cls(url=None, enter_at=None) if address is None else cls(url=address.url, enter_at=address.enter_at)
