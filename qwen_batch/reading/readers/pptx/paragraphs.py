"""The paragraphs of a shape's text: which are items, and under which number PowerPoint shows them.

PowerPoint stores no numbers; they are counted as it does (ECMA-376 part 1, 21.1.2.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qwen_batch.reading.parts.graphics import drawn_text
from qwen_batch.reading.parts.inline.numbers import number_text
from qwen_batch.reading.parts.ooxml import attribute, child, local
from qwen_batch.reading.parts.xml import Element

BULLET = "-"
FORMS = {
    "arabic": "decimal",
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "circleNumDb": "decimalEnclosedCircle",
    "circleNumWdBlack": "decimalEnclosedCircle",
    "circleNumWdWhite": "decimalEnclosedCircle",
    "ea1Chs": "chineseCounting",
    "ea1Cht": "chineseCounting",
    "ea1JpnChs": "japaneseCounting",
    "ea1JpnKor": "japaneseCounting",
    "arabicDb": "decimalFullWidth",
    "hebrew2": "hebrew2",
}
ENDINGS = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Minus": "{}-", "Plain": "{}", "": "{}"}
_TYPE = re.compile(r"(.+?)(Period|ParenR|ParenBoth|Minus|Plain|)")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with text; `marker` is "" for one that is no item."""

    text: str
    marker: str = ""
    depth: int = 0


@dataclass(slots=True)
class _Count:
    scheme: tuple[str, int]
    value: int


def shape_paragraphs(body: Element, *, bulleted: bool) -> Iterator[Paragraph]:
    """The paragraphs with text; with `bulleted` those that say nothing of themselves are items."""
    counts: dict[int, _Count] = {}
    for paragraph in (item for item in body if local(item) == "p"):
        text, look = drawn_text(paragraph).strip(), child(paragraph, "pPr")
        if not text:
            continue
        level = attribute(look, "lvl") if look is not None else None
        depth = int(level) if level and level.isdigit() else 0
        number = child(look, "buAutoNum")
        counts = {at: count for at, count in counts.items() if at < depth or (at == depth and number is not None)}
        if number is not None:
            yield Paragraph(text, _marker(number, depth, counts), depth)
        elif child(look, "buChar") is not None or (bulleted and child(look, "buNone") is None):
            yield Paragraph(text, BULLET, depth)
        else:
            yield Paragraph(text)


def _marker(number: Element, depth: int, counts: dict[int, _Count]) -> str:
    start = attribute(number, "startAt") or "1"
    scheme = attribute(number, "type") or "arabicPeriod", int(start) if start.isdigit() else 1
    before = counts.get(depth)
    value = before.value + 1 if before is not None and before.scheme == scheme else scheme[1]
    counts[depth] = _Count(scheme, value)
    found = _TYPE.fullmatch(scheme[0])
    form, ending = (found[1], found[2]) if found else ("arabic", "Period")
    return ENDINGS[ending].format(number_text(value, FORMS.get(form, "decimal")))
