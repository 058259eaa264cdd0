"""Bytes to text: byte order mark, UTF-8, what the file declares, else the encoding that reads like a language.

One bad byte, or one at the end, never changes the encoding of the rest: the whole is judged by its lines that are not
ASCII, and what does not fit stays alone. Knows no file format; the languages' letters are in `language.letters`.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from qwen_batch.reading.language.letters import ENCODINGS, encoding_score

JUDGED_BYTES = 32_768
"""How much of a text is looked at to tell its encoding."""
FALLBACK = "cp1252"
PATCHED = "qwen-batch-patched"
"""How errors in UTF-8 are handled: a byte that is none of it is what Western programs mean by it, such as a quote."""
MIN_UTF8_SHARE = 0.5
UTF8_SHARES = {"utf-8": 0.2, None: MIN_UTF8_SHARE}
MIN_UTF8_SHARE_AGAINST = 0.9
"""Least share of valid sequences, among these and single bad bytes, for a text to be UTF-8: where UTF-8 is declared,
nothing, something else. Pairs in the encodings of East Asia are by chance valid in a tenth of the cases."""
ENOUGH_SEQUENCES = 20
SURE_SCORE = 0.75
"""A text with fewer sequences that reads so well in an encoding of East Asia is in that one."""
MAX_BAD_SHARE = 0.05
"""Most of the characters besides ASCII that an encoding may leave unread to be believed all the same."""
ENOUGH_BYTES = 256
"""With so many bytes besides ASCII the beginning of a text is enough to judge it."""
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
SHIFTING = {
    "iso2022_jp",
    "iso2022_jp_1",
    "iso2022_jp_2",
    "iso2022_jp_2004",
    "iso2022_jp_3",
    "iso2022_kr",
    "hz",
    "utf-7",
}
"""Encodings whose bytes are all ASCII. What declares another and is ASCII, is ASCII."""
EAST_ASIAN = {"cp949", "gb18030", "big5", "cp932", "euc_jp"}
UNICODE = {"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", *(name for _, name in BOMS)}

EURO_OF_LATIN_9 = b"\xa4"
"""In cp1252 it is the general currency sign, which nobody writes."""
EVERYDAY_SHARE = 0.97
"""Least share of everyday characters in UTF-16 text; with its bytes swapped it has far fewer."""
_EVERYDAY = re.compile(
    r"[\t\n\r\x20-\x7e\xa0-\u017f\u0370-\u04ff\u0590-\u06ff\u2010-\u2030\u20ac\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
_ASCII = bytes(range(0x80))
# Valid sequences of UTF-8; hardly anything is written in the planes behind the third.
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}"
)
_LINE = re.compile(rb"[^\n]{0,2000}[\x80-\xff][^\n]*")
_C1_BYTE = re.compile(rb"[\x80-\x9f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def bytes_to_text(data: bytes, declared: str | None = None, *, whole: bool = True) -> str | None:
    """The text of some bytes, None if they are none; `declared` is the encoding that the file or message states.

    With `whole` false `data` may end within a character. UTF-8 is believed more than a declaration, also with single
    bytes that are none of it.
    """
    told = _python_name(declared)
    encoding = encoding_of(data, UTF8_SHARES.get(told, MIN_UTF8_SHARE_AGAINST), whole=whole)
    if told is not None and _may_be(told, data, encoding):
        text = _decoded(data, told, whole=whole) or _mended(data, told, whole=whole)
        if text is not None:
            return text
    text = _decoded(data, encoding, whole=whole)
    if text is None and whole:  # a file that was cut off within its last character
        text = _decoded(data, encoding, whole=False)
    if text is None:
        text = _mended(data, encoding, whole=whole) or _decoded(data, FALLBACK, whole=whole)
    return None if text is None else text.removeprefix("\ufeff")


def unread_warning(text: str) -> str | None:
    """What to say of characters that are in no encoding, None where all could be read."""
    count = text.count("\ufffd")
    return (
        f"{count} characters could not be read: they are in another encoding than the rest, or damaged"
        if count
        else None
    )


def _may_be(told: str, data: bytes, encoding: str) -> bool:
    """Whether a declared encoding can be: bytes that are Unicode by themselves, or ASCII alone, are mostly no other."""
    if told in UNICODE or told in {"utf-16", "utf-32", "utf-8-sig"}:
        return False
    return told in SHIFTING if data.isascii() else encoding not in UNICODE


def _mended(data: bytes, encoding: str, *, whole: bool) -> str | None:
    """The text with its bad bytes set apart, None if these are too many for the encoding to be right."""
    if encoding in {"utf-8", "utf-8-sig"}:
        return codecs.getincrementaldecoder(encoding)(PATCHED).decode(data, whole)
    try:
        text = codecs.getincrementaldecoder(encoding)("replace").decode(data, whole)
    except (UnicodeError, LookupError):
        return None
    others = len(text) - len(text.encode("ascii", "ignore"))
    return text if text.count("\ufffd") <= max(MAX_BAD_SHARE * others, 1) else None


def _patched(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode(FALLBACK, "replace"), error.end


codecs.register_error(PATCHED, _patched)


@lru_cache(maxsize=4)
def head_to_text(head: bytes) -> str | None:
    """The beginning of a file as text, None if it is no text: hardly any control characters, not cut in a character.

    Kept for a moment, because each reader of a kind of text asks for the same beginning.
    """
    text = bytes_to_text(head, whole=False) if head else None
    if text is None or len(_CONTROL.findall(text)) > MAX_CONTROL_SHARE * len(text):
        return None
    return text


def encoding_of(data: bytes, utf8_share: float = MIN_UTF8_SHARE, *, whole: bool = False) -> str:
    """The most likely encoding of some text, as a name that Python knows; it may end in a character unless `whole`."""
    for mark, name in BOMS:
        if data.startswith(mark):
            return name
    beginning = data[:JUDGED_BYTES]
    if b"\0" in beginning and (wide := _wide_encoding(beginning)):
        return wide
    if _decoded(data, "utf-8", whole=False) is not None and not (whole and _only_ends_in_utf8(data)):
        return "iso2022_jp" if b"\x1b$B" in data or b"\x1b$@" in data else "utf-8"
    valid, share = _utf8_share(data)
    if share >= utf8_share and valid >= ENOUGH_SEQUENCES:
        return "utf-8"
    sample = _sample(data)
    scores = {name: _score(sample, name) for name in ENCODINGS}
    best = max(scores, key=lambda name: scores[name])
    if share >= utf8_share and not (best in EAST_ASIAN and scores[best] >= SURE_SCORE):
        return "utf-8"
    if best == FALLBACK and EURO_OF_LATIN_9 in sample and not _C1_BYTE.search(sample):
        return "iso8859-15"
    return best if scores[best] > 0 else FALLBACK


def _only_ends_in_utf8(data: bytes) -> bool:
    """Whether all that speaks for UTF-8 is the beginning of a character at the very end: `Café` in another encoding."""
    return not data.isascii() and _decoded(data, "utf-8", whole=True) is None and not _SEQUENCE.search(data)


def _utf8_share(data: bytes) -> tuple[int, float]:
    """The number of valid sequences of UTF-8, and their share among these and the other bytes besides ASCII."""
    valid = [len(found) for found in _SEQUENCE.findall(data)]
    bad = len(data.translate(None, _ASCII)) - sum(valid)
    return len(valid), len(valid) / max(len(valid) + bad, 1)


def _sample(data: bytes) -> bytes:
    """What an encoding is judged by: the beginning, or the lines that are not ASCII where these come late."""
    beginning = data[:JUDGED_BYTES]
    if len(data) <= JUDGED_BYTES or len(beginning.translate(None, _ASCII)) >= ENOUGH_BYTES:
        return beginning
    lines: list[bytes] = []
    size = 0
    for line in _LINE.finditer(data):
        lines.append(line[0][:JUDGED_BYTES])
        size += len(line[0])
        if size >= JUDGED_BYTES:
            break
    return b"\n".join(lines)[:JUDGED_BYTES]


def _score(data: bytes, encoding: str) -> float:
    text = _decoded(data, encoding, whole=False)
    if text is None and encoding in EAST_ASIAN:
        text = _mended(data, encoding, whole=False)
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
