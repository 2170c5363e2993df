"""How the API answers what goes wrong with an account or its broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from lambdas.entrypoints.api_frame import ApiProblem
from lambdas.entrypoints.frame import logger
from lambdas.ports.broker import BrokerBusy, BrokerError, BrokerRefused, SessionOver
from lambdas.ports.secrets import SecretMissing
from lambdas.ports.store import Contended
from lambdas.use_cases.broker_accounts import AccountUnknown, LinkRefused
from lambdas.use_cases.keep_accounts import AccountInUse
from lambdas.use_cases.log_in import LoginRefused

UNUSABLE = "the account cannot be used as asked"
BUSY_FOR = 60
"""Seconds: limits of a minute are the longest that pass while somebody waits."""


@contextmanager
def explained() -> Iterator[None]:
    """Answer an error of the account desk with a status and a reason."""
    try:
        yield
    except AccountUnknown as error:
        raise ApiProblem(HTTPStatus.NOT_FOUND, str(error)) from error
    except AccountInUse as error:
        raise ApiProblem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "the account is in use", error.problems, force_helps=error.force_helps
        ) from error
    except LoginRefused as error:
        logger.warning("login refused", extra={"reason": str(error)})
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "the login cannot be finished", [str(error)]) from error
    except LinkRefused as error:
        raise ApiProblem(
            HTTPStatus.UNPROCESSABLE_ENTITY, UNUSABLE, [str(error)], force_helps=error.force_helps
        ) from error
    except (SecretMissing, ValueError) as error:
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, UNUSABLE, [str(error)]) from error
    except Contended as error:
        raise ApiProblem(HTTPStatus.CONFLICT, str(error)) from error
    except (BrokerRefused, SessionOver) as error:
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "the broker refused", [str(error)]) from error
    except BrokerBusy as error:
        raise ApiProblem(
            HTTPStatus.SERVICE_UNAVAILABLE, "the broker takes no more calls now", [str(error)], retry_after=BUSY_FOR
        ) from error
    except BrokerError as error:
        raise ApiProblem(HTTPStatus.BAD_GATEWAY, "the broker gave no readable answer", [str(error)]) from error
