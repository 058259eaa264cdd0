"""Finding a quote in a text: exactly, then by its folded form, then with what OCR confuses, then by fuzzy alignment.

Each try is made only when the one before found nothing, first in the chunk that the model read, then in the whole
text. Knows texts and offsets, nothing of documents, answers or jobs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qwen_batch.cjk import is_cjk
from qwen_batch.evidence.folding import Folded, Form, fold, text_to_folded
from qwen_batch.evidence.same_words import says_the_same
from qwen_batch.job.facts.numerals import is_numeral
from qwen_batch.records import MatchKind

MIN_QUOTE_CHARS = 2  # a shorter quote stands everywhere and proves nothing
MIN_FUZZY_WEIGHT = 12  # letters of a quote that may be aligned; a Chinese character counts twice
MIN_FUZZY_SCORE = 0.85
MIN_CONFUSED_WEIGHT = 6  # below it "50" would be found in "so"
MAX_CONFUSED_SHARE = 0.25
MIN_MID_WORD_WEIGHT = 8  # a shorter quote may not begin or end inside of a word,
MIN_MID_NUMBER_WEIGHT = 24  # nor this one inside of a number
MAX_OCCURRENCES = 200
MAX_WINDOWS = 3  # places that fuzzy alignment may propose
MAX_GAP_CHARS = 2_000  # between the parts of a quote with an ellipsis
_ELLIPSIS = re.compile(r"\s*[\[(]?\s*(?:\.{3,}|…+|。{3,})\s*[\])]?\s*")


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quote stands: characters [start, end) of the text; None where it was not found."""

    kind: MatchKind
    start: int | None
    end: int | None
    score: float


NO_MATCH = Match("none", None, None, 0.0)


@dataclass(slots=True)
class TextIndex:
    """A text, and its folded forms as they are needed."""

    text: str
    _forms: dict[Form, Folded] = field(default_factory=dict)

    def folded(self, form: Form) -> Folded:
        """The text in one form, folded once."""
        if form not in self._forms:
            self._forms[form] = text_to_folded(self.text, form)
        return self._forms[form]


@dataclass(frozen=True, slots=True)
class _Range:
    """Characters [low, high) of the text that are searched."""

    low: int
    high: int

    def distance(self, at: int) -> int:
        return max(self.low - at, at - self.high, 0)


def text_to_index(text: str) -> TextIndex:
    """Prepares a text for many look-ups; the plain form at once, the others when a quote needs them."""
    index = TextIndex(text)
    index.folded("plain")
    return index


def locate_quote(
    quote: str, index: TextIndex, start: int = 0, end: int | None = None, near: Sequence[int] = ()
) -> Match:
    """Finds a quote in characters [start, end) of the indexed text, else anywhere in it.

    Of several places the nearest to the offsets `near` is taken; without any the first in the range, or outside of it
    the nearest to it.
    """
    asked = _Range(start, len(index.text) if end is None else end)
    found = _locate(quote, index, asked, near)
    if found.kind == "none" and _ELLIPSIS.search(quote):
        return _parts(quote, index, asked, near)
    return found


def places_of(quote: str, index: TextIndex, start: int = 0, end: int | None = None) -> list[Match]:
    """All places in [start, end) where a quote stands in the form of its best one, MAX_OCCURRENCES at most."""
    asked = _Range(start, len(index.text) if end is None else end)
    for search in (_exact, _plain, _confused):
        found = list(search(quote.strip(), index, asked))
        if found:
            return found
    return []


def _locate(quote: str, index: TextIndex, asked: _Range, near: Sequence[int]) -> Match:
    quote = quote.strip()
    if len(fold(quote)) < MIN_QUOTE_CHARS:
        return NO_MATCH
    whole = _Range(0, len(index.text))
    for search in (_exact, _plain, _confused, _fuzzy):
        for searched in dict.fromkeys((asked, whole)):
            found = list(search(quote, index, searched))
            if found:
                return min(found, key=lambda match: _preference(match, asked, near))
    return NO_MATCH


def _preference(match: Match, asked: _Range, near: Sequence[int]) -> tuple[int, int, int]:
    at = match.start or 0
    return asked.distance(at), min((abs(at - other) for other in near), default=0), at


def _parts(quote: str, index: TextIndex, asked: _Range, near: Sequence[int]) -> Match:
    """A quote that leaves something out: all its parts, in order and close to each other."""
    parts = [part for part in _ELLIPSIS.split(quote) if len(fold(part)) >= MIN_QUOTE_CHARS]
    if not parts:
        return NO_MATCH
    first = last = _locate(parts[0], index, asked, near)
    score = first.score
    for part in parts[1:]:
        if last.end is None:
            return NO_MATCH
        gap = _Range(last.end, min(last.end + MAX_GAP_CHARS, len(index.text)))
        last = _locate(part, index, gap, ())
        if last.start is None or not gap.low <= last.start < gap.high:
            return NO_MATCH
        score = min(score, last.score)
    return first if len(parts) == 1 else Match("fuzzy", first.start, last.end, score * MIN_FUZZY_SCORE)


def _exact(quote: str, index: TextIndex, searched: _Range) -> Iterator[Match]:
    weight = _weight(quote)
    for at in _finds(quote, index.text, searched.low, searched.high):
        if _stands_alone(index.text, at, at + len(quote), weight):
            yield Match("exact", at, at + len(quote), 1.0)


def _plain(quote: str, index: TextIndex, searched: _Range) -> Iterator[Match]:
    return _by_form(quote, index, searched, "plain")


def _confused(quote: str, index: TextIndex, searched: _Range) -> Iterator[Match]:
    from rapidfuzz.distance import Levenshtein

    if _weight(quote) < MIN_CONFUSED_WEIGHT:
        return
    needle = fold(quote)
    for match in _by_form(quote, index, searched, "ocr"):
        wrong = Levenshtein.distance(needle, fold(index.text[match.start : match.end]))
        if wrong <= len(needle) * MAX_CONFUSED_SHARE:
            yield Match("normalised", match.start, match.end, 1 - wrong / len(needle))


def _by_form(quote: str, index: TextIndex, searched: _Range, form: Form) -> Iterator[Match]:
    needle, folded, weight = fold(quote, form), index.folded(form), _weight(quote)
    if len(needle) < MIN_QUOTE_CHARS:
        return
    for at in _finds(needle, folded.text, *_folded_range(folded, searched)):
        start, end = int(folded.offsets[at]), int(folded.offsets[at + len(needle) - 1]) + 1
        if _stands_alone(index.text, start, end, weight):
            yield Match("normalised", start, end, 1.0)


def _fuzzy(quote: str, index: TextIndex, searched: _Range) -> Iterator[Match]:
    from rapidfuzz import fuzz

    needle, folded = fold(quote), index.folded("plain")
    if _weight(quote) < MIN_FUZZY_WEIGHT:
        return
    open_ranges = [_folded_range(folded, searched)]
    for _ in range(MAX_WINDOWS):
        if not open_ranges:
            return
        low, high = open_ranges.pop(0)
        found = fuzz.partial_ratio_alignment(needle, folded.text[low:high], score_cutoff=MIN_FUZZY_SCORE * 100)
        if found is None or found.dest_end - found.dest_start < len(needle) * MIN_FUZZY_SCORE:
            continue
        first, last = _trimmed(needle, folded.text, low + found.dest_start, low + found.dest_end)
        start, end = int(folded.offsets[first]), int(folded.offsets[last - 1]) + 1
        if says_the_same(quote, index.text, start, end):
            yield Match("fuzzy", start, end, found.score / 100)
            return
        open_ranges += [(low, first), (last, high)]


def _trimmed(needle: str, text: str, first: int, last: int) -> tuple[int, int]:
    """An alignment from the first to the last character that it shares with the quote."""
    from rapidfuzz.distance import Indel

    same = [block for block in Indel.opcodes(needle, text[first:last]) if block.tag == "equal"]
    return first + same[0].dest_start, first + same[-1].dest_end


def _folded_range(folded: Folded, searched: _Range) -> tuple[int, int]:
    low, high = folded.offsets.searchsorted([searched.low, searched.high])
    return int(low), int(high)


def _finds(needle: str, text: str, low: int, high: int) -> Iterator[int]:
    at = text.find(needle, low, high)
    for _ in range(MAX_OCCURRENCES):
        if at < 0:
            return
        yield at
        at = text.find(needle, at + 1, high)


def _weight(text: str) -> int:
    return sum(2 if is_cjk(character) else 1 for character in text if character.isalnum())


def _stands_alone(text: str, start: int, end: int, weight: int) -> bool:
    """Whether a match is no mere piece of a longer word or number: "5 days" does not stand in "15 days"."""
    if weight < MIN_MID_NUMBER_WEIGHT and (_cuts_number(text, start) or _cuts_number(text, end)):
        return False
    return weight >= MIN_MID_WORD_WEIGHT or not (_cuts_word(text, start) or _cuts_word(text, end))


def _cuts_word(text: str, at: int) -> bool:
    around = text[at - 1 : at + 1] if at else ""
    return len(around) == len("ab") and all(one.isalnum() and not is_cjk(one) for one in around)


def _cuts_number(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if is_numeral(before) and is_numeral(after):
        return True
    if before in ".," and after.isdigit():  # inside of 1,200 or 3.12, but not of "1, 2"
        return at > 1 and text[at - 2].isdigit()
    return before.isdigit() and after in ".," and text[at + 1 : at + 2].isdigit()
