"""What every function shares: its application, built once, and its log."""

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger

from lambdas.bootstrap import Application

application = Application.from_environment()
logger = Logger()


@contextmanager
def told_in_full() -> Iterator[None]:
    """Log each error of a group with its trace, then raise it: Lambda's runtime logs the line of the group alone."""
    try:
        yield
    except BaseExceptionGroup as group:
        logger.exception(group.message)
        raise
