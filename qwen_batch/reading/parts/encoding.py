"""Bytes to text: byte order mark, UTF-8, what the file declares, else the encoding that reads like a language.

Knows no file format; the languages' letters are in `_languages`.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from qwen_batch.reading.language.letters import ENCODINGS, encoding_score

JUDGED_BYTES = 32_768
"""How much of a text is looked at to tell its encoding."""
FALLBACK = "cp1252"
MAX_CONTROL_SHARE = 0.02
"""Bytes with more control characters than this, once decoded, are not text."""
ZERO_SHARE = 0.9
"""Least share of zeros in a column of bytes for it to be the upper half of UTF-32 characters."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SYNONYMS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
"""What programs really write where a file declares the left one (WHATWG Encoding Standard, section 4.2)."""
UNICODE = {"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", *(name for _, name in BOMS)}

EURO_OF_LATIN_9 = b"\xa4"
"""In cp1252 it is the general currency sign, which nobody writes."""
EVERYDAY_SHARE = 0.97
"""Least share of everyday characters in UTF-16 text; with its bytes swapped it has far fewer."""
_EVERYDAY = re.compile(
    r"[\t\n\r\x20-\x7e\xa0-\u017f\u0370-\u04ff\u0590-\u06ff\u2010-\u2030\u20ac\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
_C1_BYTE = re.compile(rb"[\x80-\x9f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def bytes_to_text(data: bytes, declared: str | None = None, *, whole: bool = True) -> str | None:
    """The text of some bytes, None if they are none; `declared` is the encoding that the file or message states.

    With `whole` false `data` may end within a character. Valid UTF-8 is believed more than a declaration.
    """
    encoding = encoding_of(data)
    if encoding not in UNICODE or data.isascii():
        told = _decoded(data, _python_name(declared), whole=whole)
        if told is not None:
            return told
    text = _decoded(data, encoding, whole=whole)
    if text is None and whole:  # a file that was cut off within its last character
        text = _decoded(data, encoding, whole=False)
    return None if text is None else text.removeprefix("\ufeff")


@lru_cache(maxsize=4)
def head_to_text(head: bytes) -> str | None:
    """The beginning of a file as text, None if it is no text: hardly any control characters, not cut in a character.

    Kept for a moment, because each reader of a kind of text asks for the same beginning.
    """
    text = bytes_to_text(head, whole=False) if head else None
    if text is None or len(_CONTROL.findall(text)) > MAX_CONTROL_SHARE * len(text):
        return None
    return text


def encoding_of(data: bytes) -> str:
    """The most likely encoding of some text, as a name that Python knows."""
    for mark, name in BOMS:
        if data.startswith(mark):
            return name
    sample = data[:JUDGED_BYTES]
    if b"\0" in sample and (wide := _wide_encoding(sample)):
        return wide
    if _decoded(sample, "utf-8", whole=False) is not None:
        return "iso2022_jp" if b"\x1b$B" in sample or b"\x1b$@" in sample else "utf-8"
    scores = {name: _score(sample, name) for name in ENCODINGS}
    best = max(scores, key=lambda name: scores[name])
    if best == FALLBACK and EURO_OF_LATIN_9 in sample and not _C1_BYTE.search(sample):
        return "iso8859-15"
    return best if scores[best] > 0 else FALLBACK


def _score(data: bytes, encoding: str) -> float:
    text = _decoded(data, encoding, whole=False)
    return 0.0 if text is None else encoding_score(text, encoding)


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: in text of Latin letters most of the upper bytes are zeros.

    None if the bytes are in neither.
    """
    zeros = [data[at::4].count(0) for at in range(4)]
    needed = ZERO_SHARE * max(len(data) // 4, 1)
    if min(zeros[2], zeros[3]) >= needed:
        return "utf-32-le"
    if min(zeros[0], zeros[1]) >= needed:
        return "utf-32-be"
    if sum(zeros) > len(data) // 5:
        return "utf-16-be" if zeros[0] + zeros[2] > zeros[1] + zeros[3] else "utf-16-le"
    for name in ("utf-16-le", "utf-16-be"):  # other scripts have zeros in their spaces and line ends only
        text = _decoded(data, name, whole=False)
        if text and len(_EVERYDAY.findall(text)) >= EVERYDAY_SHARE * len(text):
            return name
    return None


def _decoded(data: bytes, encoding: str | None, *, whole: bool) -> str | None:
    if encoding is None:
        return None
    errors = "replace" if encoding == FALLBACK else "strict"
    try:
        return codecs.getincrementaldecoder(encoding)(errors).decode(data, whole)
    except (UnicodeError, LookupError):
        return None


def _python_name(declared: str | None) -> str | None:
    """The declared encoding's name in Python, None if there is none of that name that makes text of bytes."""
    try:
        found = codecs.lookup((declared or "").strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    return SYNONYMS.get(found.name, found.name) if getattr(found, "_is_text_encoding", True) else None
