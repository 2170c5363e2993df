"""Workflows on Step Functions."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 4},
    max_pool_connections=40,
)


def connect() -> Any:
    """A Step Functions client."""
    return boto3.client("stepfunctions", config=CONFIG)


@dataclass(frozen=True)
class StateMachine:
    """Implements `Workflows` for one state machine."""

    client: Any
    arn: str

    async def start(self, name: str, payload: dict[str, Any]) -> bool:
        try:
            await asyncio.to_thread(
                self.client.start_execution, stateMachineArn=self.arn, name=name, input=json.dumps(payload)
            )
        except self.client.exceptions.ExecutionAlreadyExists:
            return False
        return True
