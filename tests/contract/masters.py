"""The instrument masters of the sandbox's faces: fetched, taken apart into rows, and written again changed."""

import asyncio
import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from lambdas.domain.contracts import Listing
from tests.contract.customers import new_customer
from tests.contract.sandboxed import Sandbox
from tests.unit.brokers.accounts import open_over

INDICES = frozenset({"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX"})
PATHS = {
    "zerodha": ("/instruments/NFO", "/instruments/BFO"),
    "angel_one": ("/OpenAPI_File/files/OpenAPIScripMaster.json",),
    "upstox": ("/market-quote/instruments/exchange/NSE.json.gz", "/market-quote/instruments/exchange/BSE.json.gz"),
    "fyers": ("/sym_details/NSE_FO.csv", "/sym_details/BSE_FO.csv"),
    "dhan": ("/api-data/api-scrip-master-detailed.csv",),
    "groww": ("/instruments/instrument.csv",),
}
"""The files that an adapter fetches for all six indices."""
JSON_BROKERS = frozenset({"angel_one", "upstox"})
WITHOUT_NAMES = frozenset({"fyers"})
THIN = 25
"""One row in so many stays: a call and a put of every index, at a fortieth of the time."""
Row = dict[str, Any]


class Files(httpx.AsyncBaseTransport):
    """Answers each path with its file."""

    def __init__(self, files: Mapping[str, bytes], headers: Mapping[str, str] | None = None) -> None:
        self._files = files
        self._headers = dict(headers or {})

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=self._files[request.url.path], headers=self._headers)


async def listed(broker: str, files: Mapping[str, bytes], headers: Mapping[str, str] | None = None) -> list[Listing]:
    """What the adapter makes of its files, all six indices."""
    account = open_over(broker, Files(files, headers))
    try:
        return list(await account.listings(INDICES))
    finally:
        await account.aclose()


class Masters:
    """The files of all brokers as the sandbox gives them, each fetched once."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._kite = asyncio.run(_kite_headers(sandbox))
        self._files: dict[str, Mapping[str, bytes]] = {}

    def whole(self, broker: str) -> Mapping[str, bytes]:
        """Path → file."""
        if broker not in self._files:
            face = self._sandbox.face(broker)
            self._files[broker] = {path: self._get(face + path) for path in PATHS[broker]}
        return self._files[broker]

    def thin(self, broker: str) -> dict[str, list[Row]]:
        """Path → some rows of the file, column by column; the columns of a file without names have their numbers."""
        return {path: _rows(broker, body)[::THIN] for path, body in self.whole(broker).items()}

    def _get(self, url: str) -> bytes:
        return httpx.get(url, headers=self._kite).raise_for_status().content


async def _kite_headers(sandbox: Sandbox) -> dict[str, str]:
    """Kite's face wants its version and a session in every call; the others take no notice."""
    customer = new_customer("zerodha", sandbox)
    token = (await customer.log_in()).tokens["access_token"]
    return {"X-Kite-Version": "3", "Authorization": f"token {customer.credentials['api_key']}:{token}"}


def written(broker: str, rows: Sequence[Row], columns: Sequence[str] | None = None, *, packed: bool = True) -> bytes:
    """A file with these rows and columns in this order, as the broker writes it; Upstox packs its files."""
    order = list(columns if columns is not None else columns_of(rows))
    if broker in JSON_BROKERS:
        text = json.dumps([{name: row[name] for name in order if name in row} for row in rows])
        return gzip.compress(text.encode(), 1) if broker == "upstox" and packed else text.encode()
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    if broker not in WITHOUT_NAMES:
        lines.writerow(order)
    lines.writerows([row.get(name, "") for name in order] for row in rows)
    return out.getvalue().encode()


def columns_of(rows: Sequence[Row]) -> list[str]:
    """The columns of all rows, in their order."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _rows(broker: str, body: bytes) -> list[Row]:
    if broker in JSON_BROKERS:
        rows: list[Row] = json.loads(gzip.decompress(body) if broker == "upstox" else body)
        return rows
    lines = list(csv.reader(io.StringIO(body.decode())))
    names = [str(place) for place in range(len(lines[0]))] if broker in WITHOUT_NAMES else lines.pop(0)
    return [dict(zip(names, line, strict=True)) for line in lines]
