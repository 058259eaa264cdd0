"""One report for all tests of a process, and a browser that opens it from disk."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.browsing import Opened, browser_program, open_page
from helpers.reported import report_letters


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the letters' report."""
    return report_letters(tmp_path_factory.mktemp("letters") / "all").first_page.parent


@pytest.fixture(scope="module")
def browser(report: Path) -> Iterator[object]:
    """While it is open asyncio runs in this thread, so the report is made before, and no other module has it."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (the extra dev has it)")
    program = browser_program()
    if program is None:
        pytest.skip("no chromium on PATH: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: object, report: Path) -> Iterator[Callable[..., Opened]]:
    """Opens a page of the report; in the end nothing may have left the disk, and nothing been complained of."""
    pages: list[Opened] = []

    def open_one(path: str = "index.html", **options: object) -> Opened:
        pages.append(open_page(browser, report, path, **options))
        return pages[-1]

    yield open_one
    for one in pages:
        one.page.context.close()
    assert [line for one in pages for line in one.complaints] == []


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, fetched as a file for the test."""
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm to fetch axe-core with: apt-get install npm")
    done = subprocess.run([npm, "pack", "axe-core@4.14.1"], cwd=folder, capture_output=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip("axe-core cannot be fetched from npm")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder, filter="data")
    return (folder / "package" / "axe.min.js").read_text("utf-8")
