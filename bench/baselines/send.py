"""Baseline function: sends one request to the exchange and records the instant just before it."""

import os
from datetime import datetime
from http.client import HTTPConnection
from typing import Any

import boto3

from lambdas.domain.moments import IST

HOST, TABLE = os.environ["BASELINE_HOST"], os.environ["BASELINE_TABLE"]
dynamodb: Any = boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """`{"baseline": name}` → the instant. It is taken before connecting, the earliest that can be called sending."""
    connection = HTTPConnection(HOST, timeout=5)
    sent_at = datetime.now(IST).isoformat()
    connection.request("GET", "/faults")
    connection.getresponse().read()
    connection.close()
    dynamodb.put_item(TableName=TABLE, Item={"baseline": {"S": event["baseline"]}, "sent_at": {"S": sent_at}})
    return {"sent_at": sent_at}
