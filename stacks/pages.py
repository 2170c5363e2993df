"""The built dashboard, which becomes the content of the web stack."""

from pathlib import Path
from typing import Final

from stacks.packaging import ROOT

FRONTEND: Final = ROOT / "frontend"
BUILT: Final = FRONTEND / "dist"
HEADERS: Final = FRONTEND / "headers.json"
NOT_BUILT: Final = "The web stack is left out: the dashboard is not built. Run 'make dashboard' to deploy it too."


def built_pages(folder: Path = BUILT) -> Path | None:
    """The folder of the build, or None where there is none."""
    return folder if (folder / "index.html").is_file() else None
