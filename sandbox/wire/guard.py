"""The order in which every call is handled: faults, limits, session, then the handler."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.faults import Fault
from sandbox.wire.arrival import ARRIVED
from sandbox.wire.call import Call, Dialect, Endpoint, WireError
from sandbox.wire.lost_reply import LostReply
from sandbox.world import World

_GARBAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def route(world: World, dialect: Dialect, endpoint: Endpoint) -> Route:
    """A Starlette route around one endpoint of a face."""

    async def serve(request: Request) -> Response:
        call = Call(request, await request.body(), request.scope.get(ARRIVED) or world.clock.now())
        call.account = dialect.identify(call)
        client_id = call.account.client_id if call.account else None
        faults = world.faults.take(dialect.broker, client_id, endpoint.operation)
        return await _through_faults(faults, dialect, call, lambda: _answer(world, dialect, endpoint, call))

    return Route(endpoint.path, serve, methods=[endpoint.method])


async def _through_faults(
    faults: list[Fault], dialect: Dialect, call: Call, answer: Callable[[], Awaitable[Response]]
) -> Response:
    kinds = {fault.kind: fault for fault in faults}
    if delay := kinds.get("delay"):
        await asyncio.sleep(delay.ms / 1000)
    if "down" in kinds:
        return LostReply()
    if "rate_limit" in kinds:
        return dialect.rate_limited()
    if refusal := kinds.get("refuse"):
        return dialect.refused(refusal.message)
    if "session_killed" in kinds:
        dialect.end_session(call.account)
    if partial := kinds.get("partial_fill"):
        call.fill_share = partial.share
    for kind in ("drop_reply", "garbage"):
        if fault := kinds.get(kind):
            if fault.processed:
                await answer()
            return LostReply() if kind == "drop_reply" else HTMLResponse(_GARBAGE, fault.http_status)
    return await answer()


async def _answer(world: World, dialect: Dialect, endpoint: Endpoint, call: Call) -> Response:
    caller = call.account.key if call.account else f"{dialect.broker}:?"
    if not world.limits.allow(caller, endpoint.limit, endpoint.limits, call.arrived):
        return dialect.rate_limited()
    try:
        if not endpoint.open:
            dialect.authenticate(call)
        return endpoint.handler(call)
    except WireError as error:
        return error.response()
