"""A box for letters in memory."""

from lambdas.domain.postbacks import Letter


class MemoryLetters:
    """Implements `LetterBox`; `broken` is raised by the next ones, and nothing is kept."""

    def __init__(self) -> None:
        self.kept: list[Letter] = []
        self.broken: Exception | None = None

    async def put(self, letter: Letter) -> None:
        if self.broken:
            raise self.broken
        self.kept.append(letter)
