"""What characters of symbol fonts stand for, where a PDF gives their code in the private-use area (U+F000 to U+F0FF).

Knows no PDF library. In a font of unknown name only the boxes and bullets that office programs write are taken for what
they look like, and only where they stand alone.
"""

from __future__ import annotations

import re

from qwen_batch.reading.parts.inline.symbols import UNKNOWN
from qwen_batch.reading.parts.inline.symbols import symbol as sign_of

PRIVATE_SIGN = re.compile("[\uf000-\uf0ff]")
"""A character with the code of a symbol font."""
FAMILIES = ("wingdings3", "wingdings2", "wingdings", "webdings", "zapfdingbats", "dingbats", "symbol")
NOT_SYMBOL = "segoe"
"""Segoe UI Symbol has its signs under codes of their own."""


def symbol(character: str, font: str, before: str, after: str) -> str:
    """The sign that is meant, the character itself if that is not known; `before` and `after` are its neighbours."""
    name = font.lower().replace(" ", "").replace("-", "")
    family = next((family for family in FAMILIES if family in name), None) if NOT_SYMBOL not in name else None
    alone = (not before or before.isspace()) and (not after or after.isspace() or after.isalpha())
    sign = sign_of(ord(character), family) if family or alone else UNKNOWN
    return character if sign == UNKNOWN else sign
