"""The admin face's paths. Errors are `{"error": "…"}` with HTTP 400 or 404."""

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.accounts import BadAccount
from sandbox.admin.account_form import account_json, read_account
from sandbox.admin.books import books_json
from sandbox.admin.callback_page import callback_shown
from sandbox.admin.postback_form import BadPostback, read_postback
from sandbox.admin.prices import prices_json
from sandbox.admin.shift_form import BadShift, read_shift
from sandbox.admin.status import status_json
from sandbox.exchange.indices import INDICES
from sandbox.faults import BadFault
from sandbox.world import World


class Admin:
    """Handlers of the admin face."""

    def __init__(self, world: World, ports: dict[str, int]) -> None:
        self._world = world
        self._ports = ports

    async def status(self, _request: Request) -> Response:
        """GET /status."""
        return JSONResponse(status_json(self._world, self._ports))

    async def my_ip(self, request: Request) -> Response:
        """GET /my-ip: the caller's address and a line feed, as text."""
        if request.client is None:
            return JSONResponse({"error": "the caller has no address"}, 404)
        return PlainTextResponse(f"{request.client.host}\n")

    async def list_accounts(self, _request: Request) -> Response:
        """GET /accounts: without their secrets."""
        return JSONResponse([account_json(account) for account in self._world.accounts.all()])

    async def add_account(self, request: Request) -> Response:
        """POST /accounts."""
        account = read_account(await _body(request))
        self._world.add_account(account)
        return JSONResponse(account_json(account), 201)

    async def books(self, request: Request) -> Response:
        """GET /books/{broker}/{client_id}."""
        account = self._world.accounts.by_client(request.path_params["broker"], request.path_params["client_id"])
        if account is None:
            return JSONResponse({"error": "no such account"}, 404)
        return JSONResponse(books_json(self._world, account))

    async def list_faults(self, _request: Request) -> Response:
        """GET /faults."""
        return JSONResponse([fault.as_json() for fault in self._world.faults.in_force()])

    async def add_fault(self, request: Request) -> Response:
        """POST /faults."""
        return JSONResponse(self._world.faults.add(await _body(request)).as_json(), 201)

    async def clear_faults(self, _request: Request) -> Response:
        """DELETE /faults."""
        return JSONResponse({"removed": self._world.faults.clear()})

    async def list_postbacks(self, _request: Request) -> Response:
        """GET /postbacks: addresses, how many are pending, what was delivered."""
        return JSONResponse(self._world.postbacks.as_json())

    async def add_postback(self, request: Request) -> Response:
        """POST /postbacks {broker, account, url}: post that account's order updates there."""
        account, url = read_postback(await _body(request), self._world.accounts)
        postbacks = self._world.postbacks
        return JSONResponse(postbacks.address_json(postbacks.register(account, url)), 201)

    async def clear_postbacks(self, _request: Request) -> Response:
        """DELETE /postbacks: off again for all accounts, with what was delivered."""
        return JSONResponse({"removed": self._world.postbacks.clear()})

    async def relax(self, request: Request) -> Response:
        """POST /relax {"relaxed": true|false}: rate limits off or on (true when absent)."""
        self._world.limits.relaxed = bool((await _body(request)).get("relaxed", True))
        return JSONResponse({"relaxed": self._world.limits.relaxed})

    async def prices(self, request: Request) -> Response:
        """GET /prices?underlying=NIFTY&expiry=2026-12-01: spot and the chain near the money."""
        name = request.query_params.get("underlying", "NIFTY")
        if name not in INDICES:
            return JSONResponse({"error": f"underlying: not one of {', '.join(INDICES)}"}, 400)
        return JSONResponse(prices_json(self._world, name, request.query_params.get("expiry")))

    async def shift(self, request: Request) -> Response:
        """POST /shifts {"underlying": "NIFTY", "points": -150}: moves the index from now on."""
        name, paise = read_shift(await _body(request))
        now = self._world.clock.now()
        self._world.exchange.market.shift(name, paise, now)
        return JSONResponse(prices_json(self._world, name), 201)


def admin_app(world: World, ports: dict[str, int]) -> Starlette:
    """The ASGI application of the face."""
    admin = Admin(world, ports)
    return Starlette(
        routes=[
            Route("/status", admin.status),
            Route("/my-ip", admin.my_ip),
            Route("/accounts", admin.list_accounts),
            Route("/accounts", admin.add_account, methods=["POST"]),
            Route("/books/{broker}/{client_id}", admin.books),
            Route("/faults", admin.list_faults),
            Route("/faults", admin.add_fault, methods=["POST"]),
            Route("/faults", admin.clear_faults, methods=["DELETE"]),
            Route("/postbacks", admin.list_postbacks),
            Route("/postbacks", admin.add_postback, methods=["POST"]),
            Route("/postbacks", admin.clear_postbacks, methods=["DELETE"]),
            Route("/relax", admin.relax, methods=["POST"]),
            Route("/prices", admin.prices),
            Route("/shifts", admin.shift, methods=["POST"]),
            Route("/callback-shown", callback_shown),
        ],
        exception_handlers=dict.fromkeys((BadAccount, BadFault, BadPostback, BadShift, _BadBody), _bad_request),
    )


class _BadBody(ValueError):
    pass


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise _BadBody("the body is not JSON") from None
    if not isinstance(body, dict):
        raise _BadBody("the body is not a JSON object")
    return body


async def _bad_request(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)
