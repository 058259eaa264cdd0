"""What a page's style sheets say of its elements, as far as it changes what is read: hidden, struck, raised, numbered.

Owns the cascade (CSS Cascading 4): important before others, inline before sheets, the more specific before the less,
the later before the earlier. Sheets that are fetched, and rules for print or for small screens, don't count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qwen_batch.reading.parts.xml import Element, css_to_xpath

PROPERTIES = frozenset(
    (
        *("display", "visibility", "opacity", "font-size", "max-height", "height", "overflow", "left", "top"),
        *("text-indent", "clip", "clip-path", "color", "background", "background-color", "text-decoration"),
        *("text-decoration-line", "vertical-align", "list-style", "list-style-type", "font-family", "position"),
    )
)
MAX_SELECTORS = 400
"""Selectors that matter beyond these are left aside."""
MAX_LOOKS = 1_000_000
"""Selectors times elements: what a page may cost."""
SHOWN_MEDIA = frozenset(("", "all", "screen", "only screen"))
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_BLOCK = re.compile(r"([^{}]*)([{}])")
_IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)
_PSEUDO = re.compile(r"::|:(?:hover|active|focus|visited|target|before|after|checked|first-l)")
Weight = tuple[bool, bool, tuple[int, int, int], int]


@dataclass(frozen=True, slots=True)
class _Rule:
    selectors: str
    declarations: Mapping[str, tuple[str, bool]]


class Styles:
    """The declarations that win for each element; `is_cut` if the page has too many for all to be looked at."""

    def __init__(self, root: Element) -> None:
        self._found: dict[Element, dict[str, tuple[Weight, str]]] = {}
        sheets = [
            element.text or ""
            for element in root.iter("style")
            if (element.get("media") or "").strip().lower() in SHOWN_MEDIA
        ]
        text = "\n".join(sheets)
        self.is_cut = any(name in text for name in PROPERTIES) and not self._match(root, text)

    def of(self, element: Element) -> dict[str, str]:
        """The declarations of an element by property, in lower case; empty for nearly all elements."""
        inline = element.get("style")
        found = self._found.get(element)
        if not inline and found is None:
            return {}
        winning = dict(found or {})
        for name, (value, important) in declarations(inline or "").items():
            _win(winning, name, (important, True, (0, 0, 0), 0), value)
        return {name: value for name, (_, value) in winning.items()}

    def _match(self, root: Element, text: str) -> bool:
        left = min(MAX_SELECTORS, MAX_LOOKS // max(1, sum(1 for _ in root.iter())))
        for order, rule in enumerate(rules(text)):
            for selector, path in css_to_xpath(rule.selectors):
                left -= 1
                if left < 0:
                    return False
                for element in path(root):
                    winning = self._found.setdefault(element, {})
                    for name, (value, important) in rule.declarations.items():
                        _win(winning, name, (important, False, selector, order), value)
        return True


def _win(winning: dict[str, tuple[Weight, str]], name: str, weight: Weight, value: str) -> None:
    if name not in winning or winning[name][0] <= weight:
        winning[name] = weight, value


def declarations(text: str) -> dict[str, tuple[str, bool]]:
    """The properties that matter of a block of declarations: value in lower case, and whether it is important."""
    found: dict[str, tuple[str, bool]] = {}
    for item in text.split(";"):
        name, colon, value = item.partition(":")
        name = name.strip().lower()
        if colon and name in PROPERTIES:
            plain = _IMPORTANT.sub("", value)
            found[name] = " ".join(plain.lower().split()), plain != value
    return found


def rules(text: str) -> Iterator[_Rule]:
    """The rules of a sheet that matter on a screen of usual size."""
    open_blocks: list[bool] = []
    selector: str | None = None
    for found in _BLOCK.finditer(_COMMENT.sub(" ", text)):
        before, mark = found[1].strip(), found[2]
        if mark == "}":
            if selector is not None:
                chosen = declarations(before)
                if chosen and all(open_blocks):
                    yield _Rule(selector, chosen)
                selector = None
            elif open_blocks:
                open_blocks.pop()
            continue
        before = before.rpartition(";")[2].strip()
        if before.startswith("@"):
            name, _, condition = before.partition(" ")
            open_blocks.append(
                name.lower() in {"@supports", "@layer"}
                or (name.lower() == "@media" and condition.strip().lower() in SHOWN_MEDIA)
            )
        else:
            selector = "" if _PSEUDO.search(before) and "," not in before else before
