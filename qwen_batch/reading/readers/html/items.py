"""The marks of a list's items as a browser shows them (HTML Standard, 4.4.5; CSS Counter Styles 3)."""

from __future__ import annotations

import re

from qwen_batch.reading.parts.inline.numbers import number_text
from qwen_batch.reading.parts.xml import Element

BULLET = "-"
_WHOLE = re.compile(r"-?[0-9]{1,9}")
TYPES = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
STYLES = {
    "decimal": "decimal",
    "decimal-leading-zero": "decimalZero",
    "lower-alpha": "lowerLetter",
    "lower-latin": "lowerLetter",
    "upper-alpha": "upperLetter",
    "upper-latin": "upperLetter",
    "lower-roman": "lowerRoman",
    "upper-roman": "upperRoman",
    "lower-greek": "lowerGreek",
    "cjk-ideographic": "chineseCounting",
    "simp-chinese-informal": "chineseCounting",
    "trad-chinese-informal": "chineseCounting",
    "japanese-informal": "japaneseCounting",
    "cjk-heavenly-stem": "ideographTraditional",
    "cjk-earthly-branch": "ideographZodiac",
    "katakana": "aiueo",
    "katakana-iroha": "iroha",
}


class ListCount:
    """Counts the items of one list."""

    def __init__(self, element: Element | None, style: str = "") -> None:
        self._step = 1
        self._next = 1
        self._form: str | None = None
        if element is None:
            return
        if element.tag == "ol":
            reverse = element.get("reversed") is not None
            count = sum(1 for _ in element.iterchildren("li")) if reverse else 1
            self._next = _whole(element.get("start"), count)
            self._step = -1 if reverse else 1
            self._form = TYPES.get((element.get("type") or "").strip(), "decimal")
        if style:
            self._form = STYLES.get(style)

    def marker(self, item: Element, style: str = "") -> str:
        """The mark of the next item."""
        number = _whole(item.get("value"), self._next)
        self._next = number + self._step
        form = STYLES.get(style) if style else TYPES.get((item.get("type") or "").strip(), self._form)
        return BULLET if form is None else f"{number_text(number, form)}."


def _whole(text: str | None, otherwise: int) -> int:
    text = (text or "").strip()
    return int(text) if _WHOLE.fullmatch(text) else otherwise
