"""What a page's style sheets say of its elements, as far as it changes what is read: hidden, struck, raised, numbered.

Owns the cascade (CSS Cascading 4): important before others, inline before sheets, the more specific before the less,
the later before the earlier. A sheet outside of the page counts if the file brings it along; nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from qwen_batch.reading.parts.xml import Element, css_to_xpath
from qwen_batch.reading.readers.html.sheets import PROPERTIES, declarations, is_screen, sheet_rules

MAX_SELECTORS = 400
"""Selectors that matter beyond these are left aside."""
MAX_LOOKS = 1_000_000
"""Selectors times elements: what a page may cost."""
Weight = tuple[bool, bool, tuple[int, int, int], int]
Pseudo = Literal["before", "after"]
SheetOf = Callable[[str], str | None]
"""The text of the style sheet that a page refers to, None if the file does not hold it."""


class Styles:
    """The declarations that win for each element; `is_cut` if the page has too many for all to be looked at.

    `lacks_sheets` if the page has sheets elsewhere, so that colours that are not stated may be any.
    """

    def __init__(self, root: Element, sheet_of: SheetOf | None = None) -> None:
        self._found: dict[tuple[Element, str], dict[str, tuple[Weight, str]]] = {}
        self.lacks_sheets = False
        text = "\n".join(self._sheet(element, sheet_of) for element in root.iter("style", "link"))
        self.is_cut = any(name in text for name in PROPERTIES) and not self._match(root, text)
        self.generates = any(pseudo for _, pseudo in self._found)

    def of(self, element: Element) -> dict[str, str]:
        """The declarations of an element by property, in lower case; empty for nearly all elements."""
        inline = element.get("style")
        found = self._found.get((element, ""))
        if not inline and found is None:
            return {}
        winning = dict(found or {})
        for name, (value, important) in declarations(inline or "").items():
            _win(winning, name, (important, True, (0, 0, 0), 0), value)
        return {name: value for name, (_, value) in winning.items()}

    def beside(self, element: Element, pseudo: Pseudo) -> dict[str, str]:
        """The declarations of what sheets put before or behind the text of an element."""
        return {name: value for name, (_, value) in self._found.get((element, pseudo), {}).items()}

    def _sheet(self, element: Element, sheet_of: SheetOf | None) -> str:
        if not is_screen(element.get("media") or ""):
            return ""
        if element.tag == "style":
            return element.text or ""
        kinds = (element.get("rel") or "").lower().split()
        if "stylesheet" not in kinds or "alternate" in kinds:
            return ""
        text = sheet_of(element.get("href") or "") if sheet_of is not None else None
        self.lacks_sheets = self.lacks_sheets or text is None
        return text or ""

    def _match(self, root: Element, text: str) -> bool:
        left = min(MAX_SELECTORS, MAX_LOOKS // max(1, sum(1 for _ in root.iter())))
        for order, rule in enumerate(sheet_rules(text)):
            for selector in css_to_xpath(rule.selectors):
                left -= 1
                if left < 0:
                    return False
                for element in selector.find(root):
                    winning = self._found.setdefault((element, selector.pseudo), {})
                    for name, (value, important) in rule.declarations.items():
                        _win(winning, name, (important, False, selector.weight, order), value)
        return True


def _win(winning: dict[str, tuple[Weight, str]], name: str, weight: Weight, value: str) -> None:
    if name not in winning or winning[name][0] <= weight:
        winning[name] = weight, value
