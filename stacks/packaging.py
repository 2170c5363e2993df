"""The folder that becomes the code of every function, made under `build/` and named by its content."""

import compileall
import hashlib
import py_compile
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import aws_lambda as lambda_

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = ("lambdas", "shared_config")
# The functions get their settings from their environment, so an edit of the file does not change their code.
LEFT_OUT: Final = frozenset({"__pycache__", "_template", "tests", "environments.json", "settings.py"})
# Without boto3: the Lambda runtime brings it.
LOCK: Final = "requirements-lambda.lock"
_TARGET: Final = (
    "--platform=manylinux2014_aarch64",
    "--implementation=cp",
    "--python-version=3.11",
    "--only-binary=:all:",
)


class PackagingError(RuntimeError):
    """The code of the functions could not be put together; the message says what to do."""


@dataclass(frozen=True)
class Package:
    """The finished folder and the hash of its content."""

    folder: Path
    content_hash: str

    def code(self) -> lambda_.Code:
        """The folder as an asset, anew for each stack: an asset belongs to one."""
        return lambda_.Code.from_asset(str(self.folder), asset_hash=self.content_hash)


def package_functions(*, with_dependencies: bool, root: Path = ROOT) -> Package:
    """Make the folder unless one with the same content exists.

    `with_dependencies` adds what the lock file pins, built for Lambda on arm64; on a laptop the emulator's
    interpreter has it already. Several processes may do this at once: the folder appears whole or not at all.
    Raises PackagingError.
    """
    files = [file for name in PACKAGES for file in _sources(root / name)]
    lock = root / LOCK if with_dependencies else None
    if lock is not None and not lock.is_file():
        raise PackagingError(f"{lock} is missing; make it before deploying to AWS (see docs/deploy.md)")
    content_hash = _hash(root, [*files, *([lock] if lock else [])])
    folder = root / "build" / f"functions-{content_hash[:16]}"
    if not folder.is_dir():
        _make(folder, root, files, lock)
    return Package(folder, content_hash)


def _sources(package: Path) -> Iterator[Path]:
    if not package.is_dir():
        raise PackagingError(f"the package {package} is missing")
    for file in sorted(package.rglob("*")):
        inside = file.relative_to(package)
        if file.is_file() and file.suffix != ".pyc" and LEFT_OUT.isdisjoint(inside.parts):
            yield file


def _hash(root: Path, files: list[Path]) -> str:
    digest = hashlib.sha256(f"{len(files)} {sys.version_info[:2]}".encode())
    for file in files:
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _make(folder: Path, root: Path, files: list[Path], lock: Path | None) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as temporary:
        made = Path(temporary, "functions")
        made.mkdir()
        if lock is not None:
            _install(lock, made)
        for file in files:
            copy = made / file.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        _compile(made)
        try:
            made.rename(folder)
        except OSError as error:
            if not folder.is_dir():
                raise PackagingError(f"{folder} could not be made: {error}") from error


def _install(lock: Path, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--require-hashes"]
    finished = subprocess.run(
        [*command, *_TARGET, "--target", str(target), "--requirement", str(lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise PackagingError(f"the dependencies in {lock.name} could not be installed:\n{finished.stderr.strip()}")
    shutil.rmtree(target / "bin", ignore_errors=True)


def _compile(folder: Path) -> None:
    """Compile ahead of the first call; unchecked, because the zip sets every date to 1980."""
    compiled = compileall.compile_dir(
        folder, quiet=2, stripdir=str(folder), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    if not compiled:
        raise PackagingError(f"a source file in {', '.join(PACKAGES)} has a syntax error; run it to see which")
