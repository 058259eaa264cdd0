"""Templates and what they ask for: escaped always, numbers and paths as people read them. Knows no output."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from qwen_batch.records import Box
from qwen_batch.report.content import ACCEPTED, Citation
from qwen_batch.report.pages import PageView

TEMPLATES = Path(__file__).parent / "templates"
SURE, UNSURE = 0.9, 0.6
"""Confidence from which on a meter is green, and below which it is red."""
_ITEM = re.compile(r"\[(\d+)\]")
_JOINT = re.compile(r"(?<=[_.-])(?=[^_.-])")


@dataclass(frozen=True, slots=True)
class Cited:
    """Citations that show alike, as one; `numbers` are those of all."""

    citation: Citation
    numbers: tuple[int, ...]


@cache
def environment() -> jinja2.Environment:
    """The templates, autoescaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "count": lambda number: f"{number:,}",
        "grade": grade,
        "joints": joints,
        "label": label,
        "once": once,
        "place": place,
        "said": said,
        "slug": slug,
        "within": within,
    }
    return made


def render(name: str, **content: Any) -> str:
    """A page."""
    return environment().get_template(f"{name}.html.jinja").render(**content)


def joints(name: str) -> list[str]:
    """The parts of a file's name between which a line may break: behind a sign, and not within a word."""
    return _JOINT.split(name)


def grade(confidence: float) -> str:
    """The colour of a meter."""
    return "sure" if confidence >= SURE else "unsure" if confidence >= UNSURE else "doubtful"


def label(path: str) -> str:
    """A path as people read it: `parties[0].name` is "parties 1 › name"."""
    parts = (_ITEM.sub(lambda found: f" {int(found[1]) + 1}", part) for part in path.replace("[]", "").split("."))
    return " › ".join(part.replace("_", " ") for part in parts)


def within(path: str, field: str) -> str:
    """A path below its field, as people read it."""
    return label(path.removeprefix(field).removeprefix(".")).strip()


def said(value: Any) -> str:
    """A value as text."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.12g}" if isinstance(value, float) else str(value)


def slug(text: str) -> str:
    """A word of the data as a part of a class's name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def once(citations: Iterable[Citation]) -> list[Cited]:
    """Citations without those that would look the same."""
    alike: dict[tuple[Any, ...], list[Citation]] = {}
    for one in citations:
        other = "" if one.status == ACCEPTED else one.value
        alike.setdefault((one.quote, one.page, one.start, one.match, one.status, other), []).append(one)
    return [Cited(ones[0], tuple(one.number for one in ones)) for ones in alike.values()]


def place(box: Box, page: PageView) -> str:
    """A box on its page as CSS has it."""
    sides = (
        ("left", box.x0 / page.width),
        ("top", box.y0 / page.height),
        ("width", (box.x1 - box.x0) / page.width),
        ("height", (box.y1 - box.y0) / page.height),
    )
    return ";".join(f"{name}:{100 * part:.2f}%" for name, part in sides)


def page_list(numbers: Iterable[int]) -> str:
    """Page numbers with their ranges: 1, 3–5."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in ranges)
