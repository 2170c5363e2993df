from bench.import_time import STANDARD_LIBRARY, by_package

LINES = """
import time: self [us] | cumulative | imported package
import time:       900 |        900 | site
imports
import time:      1500 |       1500 |   json.decoder
import time:      2000 |       3500 | boto3.session
import time:       500 |       4000 | boto3
import time:      junk |         12 | boto3
builds
import time:       250 |        250 |     boto3.docs
import time:      4000 |       4000 | httpx
""".splitlines()


def test_self_times_are_summed_by_package_and_phase() -> None:
    found = {time.package: (time.imports_ms, time.builds_ms) for time in by_package(LINES, "imports", "builds")}
    assert found == {"boto3": (2.5, 0.25), "httpx": (0.0, 4.0), STANDARD_LIBRARY: (1.5, 0.0)}


def test_the_largest_comes_first() -> None:
    assert [time.package for time in by_package(LINES, "imports", "builds")] == ["httpx", "boto3", STANDARD_LIBRARY]
