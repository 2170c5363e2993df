"""Letters on a queue of SQS."""

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import Any

import boto3
from botocore.config import Config

from lambdas.domain.postbacks import Letter

CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "max_attempts": 2})
"""Whoever posts a letter waits for the answer, and some brokers not for long."""


def connect() -> Any:
    """An SQS client."""
    return boto3.client("sqs", config=CONFIG)


@dataclass(frozen=True)
class LetterQueue:
    """Implements `LetterBox`. A message is the letter's fields as JSON."""

    client: Any
    url: str

    async def put(self, letter: Letter) -> None:
        await asyncio.to_thread(self.client.send_message, QueueUrl=self.url, MessageBody=json.dumps(asdict(letter)))
