"""Keeps Dhan's token id out of the log of the HTTP client."""

import logging


class _WithoutTokenId(logging.Filter):
    """httpx logs the address of every request at level INFO, and Dhan wants the token id in the address."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "tokenId=" not in record.getMessage()


_FILTER = _WithoutTokenId()


def keep_token_ids_out_of_the_log() -> None:
    """Drop the client's log lines about requests that carry a token id; calling it again changes nothing."""
    logging.getLogger("httpx").addFilter(_FILTER)
