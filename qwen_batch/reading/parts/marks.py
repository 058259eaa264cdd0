"""Raised, lowered and struck-out characters in plain text: the one place that says how they are set off.

`1,200^3` is a figure with a note mark, `10^6` a power, `H_2O` a formula, `~~14~~` struck out. Ordinals and trade
marks stay joined: nobody misreads "1st".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

Height = Literal["raised", "lowered", "level"]
SIGNS: dict[Height, str] = {"raised": "^", "lowered": "_", "level": ""}
_JOINED = re.compile(
    r"st|nd|rd|th|e|er|re|ère|ème|eme|o|os|a|as|d|de|º|ª|°|tm|sm|r|c|\(r\)|\(c\)|\(tm\)|™|®|©|℠", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look."""

    text: str
    height: Height = "level"
    struck: bool = False


def runs_to_text(runs: Iterable[Run]) -> str:
    """The text of runs that follow each other, with the signs that keep figures apart."""
    text = ""
    for height, same in groupby((run for run in runs if run.text), key=lambda run: run.height):
        piece = _struck(list(same))
        if height == "level":
            apart = " " if text[-1:].isdigit() and piece[:1].isdigit() and _ends_set_off(text) else ""
            text += apart + piece
        else:
            text += set_off(piece, height)
    return text


def set_off(text: str, height: Height) -> str:
    """Raised or lowered characters with their sign; blanks around them stay outside."""
    core = text.strip()
    if not core or height == "level" or (height == "raised" and _JOINED.fullmatch(core)):
        return text
    start = text.index(core)
    return f"{text[:start]}{SIGNS[height]}{core}{text[start + len(core) :]}"


def struck(text: str) -> str:
    """Struck-out characters in their marks; blanks around them stay outside."""
    core = text.strip()
    return text.replace(core, f"~~{core}~~", 1) if core else text


def _struck(runs: list[Run]) -> str:
    parts = []
    for is_struck, same in groupby(runs, key=lambda run: run.struck):
        text = "".join(run.text for run in same)
        parts.append(struck(text) if is_struck else text)
    return "".join(parts)


def _ends_set_off(text: str) -> bool:
    """Whether the last figures of a text are raised or lowered ones."""
    return text.rstrip("0123456789")[-1:] in {"^", "_"}
