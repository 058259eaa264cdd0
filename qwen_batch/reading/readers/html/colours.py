"""Colours of CSS and of HTML's own attributes (CSS Color 4), as far as pages use them to hide text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

MAX_STEP = 8
"""Colours whose parts, 0 to 255, differ by less are one to the eye."""
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_RGB = re.compile(r"rgba?\(([^()]*)\)")
_TOKEN = re.compile(r"[a-z-]+\([^()]*\)|[^\s,]+")
PICTURED = ("url(", "gradient(", "image(")


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green and blue, 0 to 255, and how far it covers, 0 to 1."""

    parts: tuple[float, float, float]
    alpha: float = 1.0

    def is_like(self, other: Colour) -> bool:
        """Whether nobody can tell one from the other."""
        return all(abs(one - two) < MAX_STEP for one, two in zip(self.parts, other.parts, strict=True))


WHITE, BLACK = Colour((255, 255, 255)), Colour((0, 0, 0))


@cache
def colour(text: str) -> Colour | None:
    """The colour that a value states, None for what is none or is not understood."""
    text = text.strip().lower()
    if text == "transparent":
        return Colour((0, 0, 0), 0)
    if found := _HEX.fullmatch(text):
        digits = found[1] if len(found[1]) > 4 else "".join(sign * 2 for sign in found[1])  # noqa: PLR2004 - "#rgba"
        values = [int(digits[at : at + 2], 16) for at in range(0, len(digits), 2)]
        return Colour((values[0], values[1], values[2]), values[3] / 255 if len(values) > 3 else 1.0)  # noqa: PLR2004
    if found := _RGB.fullmatch(text):
        return _of_parts(re.split(r"[\s,/]+", found[1].strip()))
    return _named(text)


def background(value: str) -> Colour | None:
    """The colour in the value of `background`, None if it states none."""
    return next((found for token in _TOKEN.findall(value) if (found := colour(token)) is not None), None)


def _of_parts(parts: list[str]) -> Colour | None:
    try:
        values = [
            float(part[:-1]) / 100 * (255 if at < 3 else 1) if part.endswith("%") else float(part)  # noqa: PLR2004
            for at, part in enumerate(parts)
        ]
    except ValueError:
        return None
    if len(values) not in {3, 4}:
        return None
    return Colour((values[0], values[1], values[2]), values[3] if len(values) > 3 else 1.0)  # noqa: PLR2004


def _named(text: str) -> Colour | None:
    from PIL.ImageColor import colormap

    code = colormap.get(text)
    if isinstance(code, tuple):  # Pillow puts the parts in place of the code when a colour is first drawn
        return Colour((code[0], code[1], code[2]))
    return colour(code) if isinstance(code, str) else None
