"""A page of a report in a real browser without a screen: what it asks for and complains of is written down."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FROM_DISK = ("file://", "data:", "blob:")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def browser_program() -> str | None:
    """The browser that is installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@dataclass
class Opened:
    """A page, and everything that must not have happened on it."""

    page: Any
    report: Path
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"file://{self.report}/{path}")

    def document(self, name: str) -> None:
        """Goes to a document's page by its link in the table of all."""
        self.go("documents.html")
        self.page.get_by_role("link", name=name, exact=True).click()
        self.page.wait_for_load_state()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def press_on(self, *keys: str) -> None:
        """Presses keys each of which leads to another value, maybe on another page."""
        for key in keys:
            before = self.page.evaluate("typeof current === 'string' ? current : null")
            self.page.keyboard.press(key)
            self.arrive(before)

    def arrive(self, before: str | None = None) -> None:
        """Waits until another value is looked at."""
        self.page.wait_for_function("(before) => typeof current === 'string' && current !== before", arg=before)

    def text(self, selector: str) -> str:
        return str(self.page.text_content(selector))

    def value(self, path: str) -> Any:
        """The button of a value by its path in the result."""
        return self.page.locator(".value", has=self.page.locator(f'.label[title="{path}"]'))

    def picked(self) -> str:
        """The path of the value that is looked at."""
        return str(self.page.locator('.value[aria-pressed="true"] .label').get_attribute("title"))

    def answer_all_but(self, count: int) -> None:
        """Accepts values of the page until so many decisions are missing to the next blind check."""
        self.page.evaluate("(count) => { kept.since = CHECK_EVERY - count; kept.write(); }", count)


def open_page(browser: Any, report: Path, path: str, **options: Any) -> Opened:
    """Opens a page of a report in a browser that has kept nothing."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, **options).new_page()
    page.set_default_timeout(15_000)
    opened = Opened(page, report)
    page.on("request", lambda asked: _hear(opened, asked.url))
    page.on("requestfailed", lambda asked: opened.complaints.append(f"failed: {asked.url}"))
    page.on("console", lambda said: opened.complaints.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: opened.complaints.append(f"error: {error}"))
    opened.go(path)
    return opened


def _hear(opened: Opened, url: str) -> None:
    if not url.startswith(FROM_DISK):
        opened.complaints.append(f"request: {url}")


def all_pages(report: Path) -> list[str]:
    """Every page of a report, from its folder."""
    return sorted(str(file.relative_to(report)) for file in report.rglob("*.html"))


def place_of(style: str) -> dict[str, float]:
    """A box's style as parts of its page."""
    return {name: float(part) / 100 for name, part in re.findall(r"(left|top|width|height): ?([\d.]+)%", style)}
