"""A reply that never comes: the connection closes with nothing sent."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.wire.arrival import CONNECTION, Connection


class LostReply(Response):
    """Closes the client's connection instead of answering."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del send  # nothing is sent
        connection: Connection | None = scope.get(CONNECTION)
        if connection is None:
            raise ConnectionAbortedError("reply dropped by a sandbox fault")
        connection.abort()
        await receive()  # returns once the server has seen the connection go
