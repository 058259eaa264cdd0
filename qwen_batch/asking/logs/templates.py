"""Lines that repeat folded into templates, in one pass: how often each came and in which lines.

Drain (P. He, Zhu, Zheng, Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017): lines with as
many words and the same component, or else first word, are compared word by word, and join the template that they are
most like. Before that, whatever holds a digit is masked, and lines that are the same then are found by one look-up.
(drain3, the library, had its last release in 2022.)
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from dataclasses import dataclass, field

from qwen_batch.asking.logs.levels import Level, component_of, level_of

MASK = "<*>"
MIN_SIMILAR = 0.6
"""Of two lines so many words must be the same, of those that are no mask, for them to be one template."""
MAX_KEPT_LINES = 20_000
"""Different lines that are remembered for the quick look-up; then it begins anew."""
MAX_TEMPLATES_ALIKE = 100
"""With more templates of one length and first word a new line joins the most similar one, however little that is."""
MAX_TEMPLATES = 20_000
"""Beyond so many, a new line joins any of the same length, whatever its component: memory must end."""
MAX_MATCHED_CHARS = 2_000
"""Of a longer line the rest is not compared."""
MAX_VARIANTS = 4
"""A template of so many different wordings is shown by each of them; with more it is one thing with changing words."""
_VARIABLE = re.compile(
    r"(?<![^\W_])[-+]?(?:0x)?[0-9a-fA-F]*\d[\w.:]*(?:-[0-9a-fA-F]{4,})*%?|(?<=[=:/ ])[0-9a-fA-F]{16,}(?!\w)"
)
"""A number, an address, a time, an identifier with digits; letters before it belong to a name (p99, ipv4)."""


@dataclass(slots=True)
class Template:
    """Lines that are alike: their places in the text, and the first place of each wording while there are few."""

    level: Level
    component: str
    words: list[str]
    places: array[int] = field(default_factory=lambda: array("I"))
    variants: dict[str, array[int]] | None = field(default_factory=dict)


class Templates:
    """All templates of a log; memory grows with the number of templates, and by four bytes a line."""

    def __init__(self) -> None:
        self.all: list[Template] = []
        self._by_line: dict[str, Template] = {}
        self._alike: dict[tuple[Level, str, int, str], list[Template]] = defaultdict(list)

    def add(self, place: int, line: str) -> None:
        """One line without its time stamp."""
        line = line[:MAX_MATCHED_CHARS]
        masked = _VARIABLE.sub(MASK, line)
        template = self._by_line.get(masked)
        if template is None:
            template = self._found(masked, line)
            if len(self._by_line) >= MAX_KEPT_LINES:
                self._by_line.clear()
            self._by_line[masked] = template
        template.places.append(place)
        if template.variants is not None:
            _note(template, masked, place)

    def _found(self, masked: str, line: str) -> Template:
        words = masked.split()
        level, component = level_of(line), component_of(line)
        first = "" if component or not words or any(map(str.isdigit, words[0])) else words[0]
        key = (level, "", len(words), "") if len(self.all) >= MAX_TEMPLATES else (level, component, len(words), first)
        alike = self._alike[key]
        best, share = _most_similar(words, alike)
        if best is not None and (share >= MIN_SIMILAR or len(alike) >= MAX_TEMPLATES_ALIKE):
            best.words = [one if one == other else MASK for one, other in zip(best.words, words, strict=True)]
            return best
        template = Template(level, component, words)
        alike.append(template)
        self.all.append(template)
        return template


def _note(template: Template, masked: str, place: int) -> None:
    variants = template.variants or {}
    if masked in variants:
        variants[masked].append(place)
    elif len(variants) < MAX_VARIANTS:
        variants[masked] = array("I", [place])
    else:
        template.variants = None


def _most_similar(words: list[str], alike: list[Template]) -> tuple[Template | None, float]:
    best, most = None, -1.0
    for one in alike:
        told = same = 0
        for word, other in zip(words, one.words, strict=True):
            if other != MASK:
                told += 1
                same += word == other
        share = same / told if told else 0.0
        if share > most:
            best, most = one, share
    return best, most
