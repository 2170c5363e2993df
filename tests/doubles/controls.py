"""Trading switches in memory."""

from lambdas.domain.control import Control


class MemoryControls:
    """Implements `ControlStore`."""

    def __init__(self) -> None:
        self._halts: dict[str, str] = {}

    async def control(self) -> Control:
        return Control(dict(self._halts))

    async def halt(self, scope: str, reason: str, by: str) -> None:
        self._halts[scope] = reason

    async def release(self, scope: str, by: str) -> None:
        self._halts.pop(scope, None)
