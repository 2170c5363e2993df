"""The built dashboard as a web server answers for it: which file, and how long it may be kept."""

import gzip
import json
import mimetypes
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

ASSETS = "assets"
"""Where each file's name changes with its content."""
FOR_EVER = "public, max-age=31536000, immutable"
ANEW = "no-cache"
TYPES = {".js": "text/javascript; charset=utf-8", ".json": "application/json", ".svg": "image/svg+xml"}
"""Not from the machine's own table, which differs."""
COMPRESSED = ("text/", "application/json", "image/svg+xml")
SIGN_IN_PLACE = "{sign_in}"


class NoSuchPage(LookupError):
    """There is no file for this path, and no page could be meant by it."""


@dataclass(frozen=True)
class Answer:
    """A file as it goes to a browser."""

    body: bytes
    content_type: str
    caching: str
    encoding: str = ""
    status: HTTPStatus = HTTPStatus.OK


@dataclass(frozen=True)
class Pages:
    """A folder that the dashboard was built into; looked at anew for each request, so a new build is served at once."""

    folder: Path
    compressed: dict[tuple[Path, int, int], bytes] = field(default_factory=dict, init=False)

    def answer(self, path: str, *, accepts: str = "") -> Answer:
        """The file for a path; `accepts` is what the browser says in Accept-Encoding.

        A last part without a dot is a page, which the application itself resolves. Raises NoSuchPage.
        """
        wanted = PurePosixPath(unquote(path).lstrip("/"))
        if (
            any(part.startswith(".") or "\\" in part or "\0" in part for part in wanted.parts)
            or wanted.suffix == ".map"
        ):
            raise NoSuchPage(path)
        in_assets = wanted.parts[:1] == (ASSETS,)
        if not in_assets and "." not in wanted.name:
            wanted = PurePosixPath("index.html")
        file = self.folder.joinpath(wanted).resolve()
        if not file.is_relative_to(self.folder.resolve()) or not file.is_file():
            raise NoSuchPage(path)
        return self._read(file, FOR_EVER if in_assets else ANEW, "gzip" in accepts)

    def _read(self, file: Path, caching: str, compress: bool) -> Answer:
        content_type = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if not compress or not content_type.startswith(COMPRESSED):
            return Answer(file.read_bytes(), content_type, caching)
        found = file.stat()
        key = (file, found.st_mtime_ns, found.st_size)
        if key not in self.compressed:
            self.compressed[key] = gzip.compress(file.read_bytes(), mtime=0)
        return Answer(self.compressed[key], content_type, caching, "gzip")


def headers_of(file: Path, sign_in: str = "") -> dict[str, str]:
    """What goes with every answer, from `frontend/headers.json`; `sign_in` is an origin that may be talked to."""
    read: dict[str, str] = json.loads(file.read_text("utf-8"))
    return {name: value.replace(SIGN_IN_PLACE, f" {sign_in}" if sign_in else "") for name, value in read.items()}
