"""What holds for the text of an RTF group: how its characters look, what its paragraph is, where its text goes."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any, Literal

from qwen_batch.reading.parts.marks import Height
from qwen_batch.records import HiddenKind

Place = Literal[
    "text",
    "skip",
    "instruction",  # the code of a field
    "shape",  # a drawing, of which only the text box counts
    "alternatives",  # the same text twice, for old and new programs
    "fonts",
    "colours",
    "styles",
    "picture",
    "form",
    "collect",  # a short text that `on_close` takes
    "math",
]
MIN_RAISED_HALF_POINTS = 4
DEFAULT_RAISED = 6
USUAL_HALF_POINTS, MIN_HALF_POINTS = 24, 4
MAX_OUTLINE = 8


@dataclass(slots=True)
class State:
    """A group copies it and gives it back at its end; `on_close` is the group's own."""

    place: Place = "text"
    font: int | None = None
    skip_bytes: int = 1
    hidden: bool = False
    deleted: bool = False
    struck: bool = False
    height: Height = "level"
    ink: int = 0
    on_colour: bool = False
    shaded: bool = False
    half_points: int = USUAL_HALF_POINTS
    outline: int | None = None
    level: int = 0
    in_table: bool = False
    nesting: int = 0
    breaks_page: bool = False
    node: Any = None
    on_close: Callable[[], None] | None = None

    def plain(self, font: int | None) -> None:
        """Characters without any look."""
        self.font, self.hidden, self.deleted, self.struck, self.height = font, False, False, False, "level"
        self.ink, self.on_colour, self.half_points = 0, False, USUAL_HALF_POINTS

    def paragraph(self) -> None:
        """A paragraph without any property."""
        self.outline, self.level, self.in_table, self.nesting, self.breaks_page = None, 0, False, 0, False
        self.shaded = False

    def unseen(self, whites: Container[int]) -> HiddenKind | None:
        """Why nobody sees text in this look, with the numbers of colours that are white; None for what is seen."""
        if self.ink in whites and not (self.on_colour or self.shaded or self.in_table):
            return "white"
        return "tiny" if 0 < self.half_points < MIN_HALF_POINTS else None

    def look(self, word: str, number: int | None) -> bool:
        """Takes a control word that says how characters or paragraphs look; False if it is none."""
        on = number != 0
        if word in {"super", "sub", "nosupersub"}:
            heights: dict[str, Height] = {"super": "raised", "sub": "lowered"}
            self.height = heights.get(word, "level") if on else "level"
        elif word in {"up", "dn"}:
            moved = DEFAULT_RAISED if number is None else number
            self.height = "level" if moved < MIN_RAISED_HALF_POINTS else "raised" if word == "up" else "lowered"
        elif word in {"strike", "striked"}:
            self.struck = on
        elif word == "v":
            self.hidden = on
        elif word == "deleted":
            self.deleted = on
        elif word == "outlinelevel":
            self.outline = number if number is not None and number <= MAX_OUTLINE else None
        else:
            return self._colour(word, number)
        return True

    def _colour(self, word: str, number: int | None) -> bool:
        if word == "cf":
            self.ink = number or 0
        elif word in {"cb", "chcbpat", "highlight"}:
            self.on_colour = bool(number)
        elif word in {"cbpat", "shading"}:
            self.shaded = bool(number)
        elif word == "fs":
            self.half_points = USUAL_HALF_POINTS if number is None else number
        else:
            return False
        return True
