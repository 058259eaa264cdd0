"""A text without its looks: the forms in which two texts are compared, with the way back to offsets.

PLAIN is NFKD and case folding without white space, hyphens, accents and the shapes of quotation marks; OCR also makes
one of characters that OCR takes for each other (0 and O, 1 and l and I, 5 and S, 8 and B, rn and m). Each character
folds by itself, through a table of the distinct characters of a text, so a text costs little and every folded
character knows where it came from.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

Form = Literal["plain", "ocr"]
Offsets = Any
"""A numpy array of integers: for each folded character the offset it came from, ascending."""

_IGNORED = frozenset("-‐‑‒–—−'\"`“”‘’„«»_*|\u00ad\u200b\ufeff")
_SAME = str.maketrans({"‹": "<", "›": ">", "〇": "0", "○": "0", "。": "."})
_CONFUSED = str.maketrans(
    {"o": "0", "l": "1", "i": "1", "!": "1", "s": "5", "b": "8", "z": "2", "m": "rn", "w": "vv", "、": ","}
)


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A folded text; `offsets[i]` is where folded character i stood in the source."""

    text: str
    offsets: Offsets


def fold(text: str, form: Form = "plain") -> str:
    """A short text as it is compared."""
    return "".join(_fold_character(character, form) for character in text)


def text_to_folded(text: str, form: Form = "plain") -> Folded:
    """Folds a text; linear in its length, 1,000,000 characters in less than 0.1 s."""
    import numpy as np

    if not text:
        return Folded("", np.zeros(0, dtype=np.int64))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    distinct = sorted(set(text))
    folded = [_fold_character(character, form) for character in distinct]
    lengths = np.zeros(ord(distinct[-1]) + 1, dtype=np.int64)
    lengths[[ord(character) for character in distinct]] = [len(one) for one in folded]
    firsts = np.cumsum(lengths) - lengths  # where a character's folded form begins in all of them together
    forms = np.frombuffer("".join(folded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    widths = lengths[codes]
    offsets = np.repeat(np.arange(len(codes)), widths)
    within = np.arange(len(offsets)) - (np.cumsum(widths) - widths)[offsets]
    out = forms[firsts[codes][offsets] + within]
    return Folded(out.tobytes().decode("utf-32-le", "surrogatepass"), offsets)


@lru_cache(maxsize=1 << 16)
def _fold_character(character: str, form: Form) -> str:
    folded = unicodedata.normalize("NFKD", character).casefold().translate(_SAME)
    plain = "".join(c for c in folded if not (c.isspace() or c in _IGNORED or unicodedata.combining(c)))
    return plain.translate(_CONFUSED) if form == "ocr" else plain
