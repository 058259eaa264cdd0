"""Where evidence points, against where the labels' words stand; and matches for words that are not in a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.answers.documents.cases import Case
from benchmarks.answers.documents.labels import CUAD_FIELDS
from benchmarks.answers.grades import DocumentGrade
from benchmarks.answers.spans import plain_text, stands_in
from qwen_batch.evidence.ground import locate_quote, text_to_index

FOREIGN_QUOTES = 20
MIN_QUOTE_CHARS, MAX_QUOTE_CHARS = 30, 120
OTHERS_STEP = 7
"""Which other contract a foreign quote is taken from: each seventh after this one, so that every one lends some."""


@dataclass(frozen=True, slots=True)
class Grounding:
    """Right values whose label's words were found in the text: how many point at their page, and at the words.

    `absent` is how many values were given where the label says that there is nothing, `absent_matched` how many of them
    carry a match.
    """

    judged: int
    on_page: int
    overlaps: int
    absent: int
    absent_matched: int


@dataclass(frozen=True, slots=True)
class Foreign:
    """Quotes of other contracts looked for in a contract that does not hold them, and how many were "found"."""

    tried: int
    matched: int
    examples: tuple[str, ...]


def grounding_of(documents: Iterable[DocumentGrade]) -> Grounding:
    """Counts over the documents of a variant."""
    graded = [one for document in documents for one in document.graded]
    right = [one for one in graded if one.judged.outcome == "right" and one.on_page is not None]
    absent = [one for one in graded if one.judged.outcome == "invented" and not one.judged.label and one.evidence]
    return Grounding(
        judged=len(right),
        on_page=sum(bool(one.on_page) for one in right),
        overlaps=sum(bool(one.overlaps) for one in right),
        absent=len(absent),
        absent_matched=sum(one.evidence is not None and one.evidence.match != "none" for one in absent),
    )


def foreign_quotes(contracts: Sequence[Case]) -> Foreign:
    """Looks for words of other contracts in each; what does stand there, but for punctuation and case, is not tried."""
    tried = 0
    found: list[str] = []
    for number, case in enumerate(contracts):
        index, plain = text_to_index(case.clean.text), plain_text(case.clean.text)
        for quote in _quotes_of_others(contracts, number):
            if stands_in(quote, plain):
                continue
            tried += 1
            match = locate_quote(quote, index)
            if match.kind != "none":
                words = case.clean.text[match.start : match.end]
                found.append(f"{match.kind} {match.score:.2f}: {quote!r} as {words!r}")
    return Foreign(tried, len(found), tuple(found))


def _quotes_of_others(contracts: Sequence[Case], number: int) -> Iterator[str]:
    given = 0
    for step in range(1, len(contracts)):
        other = contracts[(number + step * OTHERS_STEP) % len(contracts)]
        if other is contracts[number]:
            continue
        field = list(CUAD_FIELDS)[(number + step) % len(CUAD_FIELDS)]
        quote = next((span for span in other.gold[field].spans if len(span) >= MIN_QUOTE_CHARS), "")
        quote = quote[:MAX_QUOTE_CHARS].rsplit(" ", 1)[0] if len(quote) > MAX_QUOTE_CHARS else quote
        if len(quote) >= MIN_QUOTE_CHARS:
            yield quote
            given += 1
        if given >= FOREIGN_QUOTES:
            return
