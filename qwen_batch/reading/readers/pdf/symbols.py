"""What characters of symbol fonts stand for, where a PDF gives their code in the private-use area (U+F000 to U+F0FF).

Knows no PDF library. A code means another sign in each font; in a font of unknown name only the boxes and bullets
that office programs write are taken for what they look like, and only where they stand alone.
"""

from __future__ import annotations

import re

PRIVATE = "\uf000"
BULLET = "•"
_BOXES = {0xA8: "☐", 0x6F: "☐", 0x71: "☐", 0x72: "☐", 0xFD: "☒", 0xFE: "☑", 0xFC: "✓", 0xFB: "✗"}
_BULLETS = {0x6C: "●", 0x6E: "■", 0xA7: "▪", 0xB7: BULLET, 0xD8: "➢", 0x76: "❖", 0x9F: BULLET}
_ARROWS = {0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨"}
_WINGDINGS = {**_BOXES, **_BULLETS, **_ARROWS}
_WINGDINGS_2 = {0x50: "✓", 0x4F: "✗", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "☐", 0x97: BULLET, 0x98: BULLET}
_SYMBOL = {
    **{code: chr(code) for code in (*range(0x28, 0x2D), *range(0x2E, 0x40), 0x25, 0x26, 0x5B, 0x5D, 0x7B, 0x7C, 0x7D)},
    **dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)),
    **dict(zip(range(0x41, 0x5B), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True)),
    0x2D: "−", 0xA0: "€", 0xA3: "≤", 0xA5: "∞", 0xAE: "→", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "×", 0xB7: BULLET,
    0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xBC: "…", 0xD2: "®", 0xD3: "©", 0xD4: "™", 0xD6: "√", 0xD7: "⋅", 0xE5: "∑",
}  # fmt: skip
"""Adobe's Symbol encoding (PDF 1.7, annex D.6)."""
_UNKNOWN = {code: _WINGDINGS[code] for code in (0xA8, 0x6F, 0xFD, 0xFE, 0xFC, 0xFB, 0xA7, 0xB7, 0xD8)}


PRIVATE_SIGN = re.compile(f"[{PRIVATE}-\uf0ff]")
"""A character with the code of a symbol font."""


def symbol(character: str, font: str, before: str, after: str) -> str:
    """The sign that is meant, the character itself if that is not known; `before` and `after` are its neighbours."""
    code, name = ord(character) - ord(PRIVATE), font.lower().replace(" ", "").replace("-", "")
    if "wingdings2" in name:
        return _WINGDINGS_2.get(code, character)
    if "wingdings" in name:
        return _WINGDINGS.get(code, character)
    if "symbol" in name and "segoe" not in name:
        return _SYMBOL.get(code, character)
    alone = (not before or before.isspace()) and (not after or after.isspace() or after.isalpha())
    return _UNKNOWN.get(code, character) if alone else character
