"""Decides from a page's text and what is drawn on it whether the text layer is good enough.

Knows no PDF library: it sees counts and text only, so each rule can be tested by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qwen_batch.reading.language.quality import is_plausible, text_quality

MIN_LAYER_CHARS = 20
"""Fewer visible characters than this are no text layer if a good part of the page is drawn."""
MIN_DRAWN_COVER = 0.25
MIN_OUTLINE_SEGMENTS = 30
MIN_OUTLINE_SEGMENTS_BESIDE_TEXT = 1000
"""So many path segments without text, or beside a few characters, are letters turned into outlines."""
THIN_LAYER_CHARS = 300
"""An image that covers the page under fewer characters is a scan with a stamp or a watermark."""
SCAN_COVER = 0.75
MIN_PICTURE_COVER = 0.02
"""Pictures of less than this part of the page are logos and initials."""
MIN_INK_SHARE = 0.0008
"""Part of a page's pixels that are edges outside of its text lines; a line of a scanned letter has more."""
MIN_LOOSE_PIECES = 3
"""So many pieces of lines outside of the text lines, each an inch long, are words in a picture."""
MIN_UNSAID_SHARE = 0.3
"""Of a scan with an old OCR's text, the part of its ink from which on that text leaves too much unsaid."""
MAX_GARBAGE_SHARE = 0.15
MIN_LETTERS_FOR_RATE = 200
"""Fewer Latin letters than this are too few to take rates of vowels and of plausible words."""
MIN_LONG_WORD_SHARE = 0.25
MIN_VOWEL_SHARE = 0.18
"""Long words of Latin text in any language have a third or more of vowels; a shifted font encoding has few."""
SURE_VOWEL_SHARE = 0.28
"""With so many, counting words the simple way, there are enough whatever counts as a word."""
MIN_LONG_WORD_LETTERS = 5
MIN_UNMAPPED = 3
"""Glyphs without a Unicode value; one or two are ornaments."""
MAX_MOJIBAKE_SHARE = 0.02
"""Characters in sequences such as "Ã©" among all: UTF-8 that was taken for Latin-1 when the PDF was made."""
MIN_MOJIBAKE_SEQUENCES = 5
MIN_HIDDEN_SHARE = 0.8
"""A page whose text objects are invisible or under the page's image to this share carries an old OCR's text."""
MIN_HIDDEN_QUALITY = 0.9
"""Share of characters in plausible words from which on an old OCR's text is good enough."""
MIN_LATIN_SHARE = 0.5
"""Latin letters among a text's characters from which on the plausibility of its words says something."""
MAX_ACCENTED_SHARE = 0.03
"""Text with more letters beyond ASCII is in a language whose words `text_quality` does not know well enough."""

_CID = re.compile(r"\(cid:\d+\)")
_BAD = re.compile(r"[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff\x00-\x08\x0e-\x1f]")
_TAIL = "[\u0080-\u00bf" + re.escape(bytes(range(0x80, 0xA0)).decode("cp1252", "ignore")) + "]"
"""UTF-8's continuation bytes as Latin-1 and as cp1252 show them."""
_MOJIBAKE = re.compile(
    f"(?![Ø×][¼-¾])[Â-ÆÎ-Ñ×-Û]{_TAIL}"  # leads of Latin, Greek, Cyrillic, Hebrew, Arabic; "Ø½" is a pipe's diameter
    f"|[à-ï]{_TAIL}{{2}}|ð{_TAIL}{{3}}"
)
_LEAD = re.compile("[Â-ð]")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_SIGN_OF_A_WORD = re.compile(r"[\ue000-\uf8ff][ \t]?[\d\ue000-\uf8ff]|\d[ \t]?[\ue000-\uf8ff]|\w[\ue000-\uf8ff]\w")
"""A private character beside a figure, another one or within a word: not a bullet, but a letter that has no map."""
_ACCENTED = re.compile("[À-ÿ]")
_LONG_WORD = re.compile(r"(?<![\w])[A-Za-z]{5,}(?!\d)")
_CASED_PIECE = re.compile(r"[A-Z]?[a-zß-öø-ÿ]+|[A-ZÀ-ÖØ-Þ]+")
_LETTERS = bytes(code if bytes([code]).isalpha() else 32 for code in range(256))
_NO_VOWEL = bytes(code for code in range(256) if chr(code) not in "AEIOUYaeiouy")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a page shows.

    `image_cover` is the share of its area under images, 0 to 1; `segments` counts those of all paths; `hidden` is the
    share of text objects that are invisible or under an image as large as the page; `grid` says whether straight rules
    make a table's frame.
    """

    image_cover: float = 0.0
    images: int = 0
    segments: int = 0
    hidden: float = 0.0
    grid: bool = False


@dataclass(frozen=True, slots=True)
class Loose:
    """What is drawn on a page outside of its text lines.

    `share` is the part of all sharp edges that lies there, `ink` that of the page's pixels which are such edges,
    `pieces` how many pieces of lines of type they look like, `outline` where they are, in eighths of an inch.
    """

    share: float
    ink: float
    pieces: int
    outline: tuple[int, int, int, int]


def ocr_reason(text: str, unmapped: int, drawn: Drawn, *, doubtful: bool = False) -> str | None:
    """Why a page needs OCR, None if its text will do; `unmapped` counts glyphs without a Unicode value.

    `doubtful` says that a font shows other characters than its map tells. One of "no_text_layer", "garbage_text",
    "doubtful_font", "unmapped_signs", "image_under_thin_text", "hidden_text".
    """
    visible = "".join(text.split())
    if not visible and not unmapped:
        return "no_text_layer" if drawn.images or drawn.segments >= MIN_OUTLINE_SEGMENTS else None
    if len(visible) + unmapped < MIN_LAYER_CHARS:
        outlined = drawn.segments >= MIN_OUTLINE_SEGMENTS_BESIDE_TEXT
        if drawn.image_cover >= MIN_DRAWN_COVER or outlined:
            return "no_text_layer"
        return "doubtful_font" if doubtful else None  # an amount alone on its page may be wrong as well
    if garbage_share(visible, unmapped) > MAX_GARBAGE_SHARE or not _has_vowels(text, len(visible)):
        return "garbage_text"
    if not visible.isascii() and mojibake_share(visible) > MAX_MOJIBAKE_SHARE:
        return "garbage_text"
    if drawn.image_cover < SCAN_COVER:
        return _font_reason(text, unmapped, doubtful=doubtful)
    if len(visible) < THIN_LAYER_CHARS:
        return "image_under_thin_text"
    return "hidden_text" if drawn.hidden >= MIN_HIDDEN_SHARE and _is_misread(text, len(visible)) else None


def _font_reason(text: str, unmapped: int, *, doubtful: bool) -> str | None:
    """Fonts are judged each by itself: one that is wrong may be that of all figures, and little of the page."""
    if doubtful:
        return "doubtful_font"
    lost = not text.isascii() and _PRIVATE.search(text) is not None and _SIGN_OF_A_WORD.search(text) is not None
    return "unmapped_signs" if lost or unmapped >= MIN_UNMAPPED else None


def wants_look(reason: str | None, text: str, drawn: Drawn) -> bool:
    """Whether `reason_by_look` may change the reason: only then is the page worth drawing."""
    if reason in {"no_text_layer", "image_under_thin_text"}:
        return True
    outlined = drawn.segments >= MIN_OUTLINE_SEGMENTS_BESIDE_TEXT and len("".join(text.split())) < THIN_LAYER_CHARS
    return reason is None and (drawn.image_cover >= MIN_PICTURE_COVER or outlined)


def reason_by_look(reason: str | None, text: str, drawn: Drawn, loose: Loose) -> str | None:
    """The reason of a page that was drawn.

    It may be "words_in_pictures", if its text will do and pictures say more, or "unproven_layer": an old OCR's text
    that reads well, and may still be that of another page.
    """
    if reason == "no_text_layer" and drawn.image_cover >= MIN_DRAWN_COVER and not text.strip():
        return reason  # a scan, however faint
    if reason and loose.ink < MIN_INK_SHARE:
        return None  # a signature, a letterhead's background, a blank scan
    if reason == "no_text_layer" or (reason and loose.share >= MIN_UNSAID_SHARE):
        return reason
    if drawn.image_cover >= SCAN_COVER and drawn.hidden >= MIN_HIDDEN_SHARE:
        if reason:
            return reason
        unsaid = loose.share >= MIN_UNSAID_SHARE and loose.pieces >= MIN_LOOSE_PIECES
        return "hidden_text" if unsaid else "unproven_layer"
    # a slide's few words on its background: they are the text, whatever its logos say
    return "words_in_pictures" if loose.pieces >= MIN_LOOSE_PIECES else None


def garbage_share(visible: str, unmapped: int = 0) -> float:
    """The share of characters that stand for no letter: (cid:N), private use, replacement, control."""
    cids = _CID.findall(visible) if "(cid:" in visible else []
    total = len(visible) - sum(map(len, cids)) + len(cids) + unmapped
    bad = len(cids) + unmapped + (0 if visible.isprintable() and visible.isascii() else len(_BAD.findall(visible)))
    return bad / total if total else 0.0


def mojibake_share(visible: str) -> float:
    """The share of characters in sequences that UTF-8 makes of one letter when it is read as Latin-1 or cp1252.

    None if most accented letters stand outside of such sequences: there they are what they seem.
    """
    if not _LEAD.search(visible):
        return 0.0
    sequences: list[str] = _MOJIBAKE.findall(visible)
    inside = sum(len(_ACCENTED.findall(sequence)) for sequence in sequences)
    if len(sequences) < MIN_MOJIBAKE_SEQUENCES or 2 * inside <= len(_ACCENTED.findall(visible)):
        return 0.0
    return sum(map(len, sequences)) / len(visible)


def _has_vowels(text: str, visible: int) -> bool:
    """Whether long words have vowels; short ones and those with digits may be codes and units."""
    words = text.encode("ascii", "replace").translate(_LETTERS).split()
    plain = b"".join(word for word in words if len(word) >= MIN_LONG_WORD_LETTERS)
    if len(plain.translate(None, _NO_VOWEL)) >= SURE_VOWEL_SHARE * len(plain):
        return True  # what follows takes ten times as long
    letters = "".join(_LONG_WORD.findall(text)).encode("ascii")
    if len(letters) < max(MIN_LETTERS_FOR_RATE, MIN_LONG_WORD_SHARE * visible):
        return True
    return len(letters.translate(None, _NO_VOWEL)) >= MIN_VOWEL_SHARE * len(letters)


def _is_misread(text: str, visible: int) -> bool:
    """Whether Latin text has too many impossible words; that other scripts, numbers and code have them says nothing."""
    accented = sum(letter > "\x7f" and letter.isalpha() for letter in text)
    if accented > MAX_ACCENTED_SHARE * visible or text_quality(text) >= MIN_HIDDEN_QUALITY:
        return False
    pieces = _CASED_PIECE.findall(text)
    letters = sum(map(len, pieces))
    if letters < max(MIN_LETTERS_FOR_RATE, MIN_LATIN_SHARE * visible):
        return False
    return sum(len(piece) for piece in pieces if is_plausible(piece)) < MIN_HIDDEN_QUALITY * letters
