"""The fonts and styles that an RTF file defines before its text."""

from __future__ import annotations

import re
from collections import defaultdict

from qwen_batch.reading.readers.rtf.charsets import OF_CHARSET, Font, page_encoding

NO_NAMES = frozenset(("falt", "panose", "fontemb", "fname"))
"""Destinations within a font that are not its name."""
COLOUR_PARTS, MIN_WHITE = ("red", "green", "blue"), 250
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
StyleKey = tuple[str, int | None]


class Definitions:
    """Fonts by number; styles by kind and number, as the control words that they stand for."""

    def __init__(self) -> None:
        self.fonts: dict[int | None, Font] = {}
        self.whites: set[int] = set()
        self._colours = 0
        self._parts: dict[str, int] = {}
        self._styles: dict[StyleKey, list[tuple[str, int | None]]] = defaultdict(list)
        self._font: int | None = None
        self._style: StyleKey = ("s", 0)
        self._name = ""

    def colour_word(self, word: str, number: int | None) -> None:
        """Takes a part of a colour: red, green or blue."""
        self._parts[word] = number or 0

    def colour_text(self, text: str) -> None:
        """Takes the semicolons that end colours; one without parts is the reader's own."""
        for _ in range(text.count(";")):
            if self._parts and min(self._parts.get(part, 0) for part in COLOUR_PARTS) >= MIN_WHITE:
                self.whites.add(self._colours)
            self._colours += 1
            self._parts = {}

    def style(self, kind: str, number: int | None) -> list[tuple[str, int | None]]:
        """The control words that a style stands for."""
        return self._styles.get((kind, number), [])

    def font_word(self, word: str, number: int | None) -> None:
        """Takes a control word of the fonts."""
        if word == "f":
            self._font, self._name = number, ""
            self.fonts[number] = Font()
        elif word == "fcharset" and self._font in self.fonts:
            self.fonts[self._font].encoding = OF_CHARSET.get(number or 0)
        elif word == "cpg" and self._font in self.fonts:
            self.fonts[self._font].encoding = page_encoding(number)

    def font_text(self, text: str) -> None:
        """Takes a piece of a font's name; a semicolon ends it."""
        self._name += text
        if self._font in self.fonts and not self.fonts[self._font].name:
            name, semicolon, _ = self._name.partition(";")
            self.fonts[self._font].name = name.strip() if semicolon else ""

    def style_word(self, word: str, number: int | None) -> None:
        """Takes a control word of the styles."""
        if word in {"s", "cs", "ds", "ts"}:
            self._style, self._name = (word, number), ""
        else:
            self._styles[self._style].append((word, number))

    def style_text(self, text: str) -> None:
        """Takes a piece of a style's name."""
        self._name += text
        heading = _HEADING.match(self._name.strip())
        if heading:
            self._styles[self._style].append(("outlinelevel", int(heading[1]) - 1))
