"""The code of the functions: what is in it, named by its content, whole or not there."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stacks.packaging import LOCK, PackagingError, package_functions


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for file, content in {
        "lambdas/__init__.py": "",
        "lambdas/entrypoints/trade.py": "def handler(event, context):\n    return event\n",
        "lambdas/tests/test_trade.py": "",
        "lambdas/adapters/brokers/_template/adapter.py": "",
        "lambdas/__pycache__/old.cpython-311.pyc": "",
        "shared_config/names.py": "A = 1\n",
        "shared_config/environments.json": "{}",
        "shared_config/settings.py": "",
        "shared_config/calendar/2026.json": "{}",
        "stacks/never.py": "",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(content)
    return tmp_path


def test_it_holds_the_two_packages_without_what_functions_do_not_need(root: Path) -> None:
    folder = package_functions(with_dependencies=False, root=root).folder
    sources = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in {".py", ".json"}}
    assert sources == {
        "lambdas/__init__.py",
        "lambdas/entrypoints/trade.py",
        "shared_config/names.py",
        "shared_config/calendar/2026.json",
    }


def test_it_is_compiled_without_dates(root: Path) -> None:
    folder = package_functions(with_dependencies=False, root=root).folder
    compiled = list(folder.rglob("*.pyc"))
    assert len(compiled) == 3
    unchecked_hash = 0b01
    assert {path.read_bytes()[4] for path in compiled} == {unchecked_hash}


def test_the_same_content_is_made_once(root: Path) -> None:
    first = package_functions(with_dependencies=False, root=root)
    made = first.folder.stat().st_mtime_ns
    (root / "stacks/never.py").write_text("changed = True")
    (root / "shared_config/environments.json").write_text('{"changed": true}')
    assert package_functions(with_dependencies=False, root=root) == first
    assert first.folder.stat().st_mtime_ns == made


@pytest.mark.parametrize("changed", ["lambdas/entrypoints/trade.py", "shared_config/calendar/2026.json"])
def test_other_content_is_another_asset(root: Path, changed: str) -> None:
    first = package_functions(with_dependencies=False, root=root)
    with (root / changed).open("a") as file:
        file.write("\n")
    second = package_functions(with_dependencies=False, root=root)
    assert second.content_hash != first.content_hash
    assert second.folder != first.folder


def test_a_renamed_file_is_another_asset(root: Path) -> None:
    first = package_functions(with_dependencies=False, root=root)
    (root / "lambdas/entrypoints/trade.py").rename(root / "lambdas/entrypoints/deal.py")
    assert package_functions(with_dependencies=False, root=root).content_hash != first.content_hash


def test_several_at_once_make_one_whole_folder(root: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        packages = list(pool.map(lambda _: package_functions(with_dependencies=False, root=root), range(8)))
    assert len(set(packages)) == 1
    assert [path.name for path in (root / "build").iterdir()] == [packages[0].folder.name]
    assert (packages[0].folder / "lambdas/entrypoints/trade.py").is_file()


def test_a_syntax_error_stops_it_and_leaves_nothing(root: Path) -> None:
    (root / "lambdas/entrypoints/trade.py").write_text("def handler(:\n")
    with pytest.raises(PackagingError, match="syntax error"):
        package_functions(with_dependencies=False, root=root)
    assert not list((root / "build").iterdir())


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match="lambdas is missing"):
        package_functions(with_dependencies=False, root=tmp_path)


def test_a_missing_lock_is_named(root: Path) -> None:
    with pytest.raises(PackagingError, match=rf"{LOCK} is missing"):
        package_functions(with_dependencies=True, root=root)


def test_dependencies_that_cannot_be_installed_are_named(root: Path) -> None:
    (root / LOCK).write_text("no-hash==1\n")
    with pytest.raises(PackagingError, match=rf"{LOCK} could not be installed"):
        package_functions(with_dependencies=True, root=root)
    assert not list((root / "build").iterdir())


def test_the_dependencies_are_part_of_the_name(root: Path) -> None:
    (root / LOCK).write_text("")
    assert (
        package_functions(with_dependencies=True, root=root).content_hash
        != package_functions(with_dependencies=False, root=root).content_hash
    )
