"""contradicted: what a document states twice and otherwise is cited twice, and the value that stood stands."""

from __future__ import annotations

import pytest

from qwen_batch.evidence.disputed.contradicted import with_contradictions
from qwen_batch.evidence.merge import Merged
from qwen_batch.outcomes import Evidence
from qwen_batch.records import Box, CleanDocument, Document, LineSpan

FIRST = "This Agreement shall be governed by the laws of the State of Utah."
BETWEEN = "Notices are given in writing."


def clean(*lines: str) -> CleanDocument:
    """A line a page."""
    text = "\n".join(lines)
    starts = [sum(len(line) + 1 for line in lines[:place]) for place in range(len(lines))]
    spans = tuple(
        LineSpan(start, start + len(line), page, Box(0, 0, 1, 1))
        for page, (start, line) in enumerate(zip(starts, lines, strict=True), 1)
    )
    return CleanDocument(Document("1", "a.txt", "text/plain", 1), text, spans, (), "en", len(lines), 0, None)


def merged(document: CleanDocument, quote: str, value: str, field: str = "law.name") -> Merged:
    start = document.text.index(quote)
    evidence = Evidence(field, value, quote, 1, start, start + len(quote), (), "exact", 1.0)
    return Merged({"law": {"name": value, "quote": quote}}, (evidence,), ())


def test_two_governing_laws_are_both_cited() -> None:
    document = clean(FIRST, BETWEEN, FIRST.replace("Utah", "New York"))
    found = with_contradictions(merged(document, FIRST, "Utah"), document)
    assert found.result["law"]["name"] == "Utah"
    assert [(one.value, one.page) for one in found.evidence] == [("Utah", 1), ("New York", 3)]
    assert found.evidence[1].quote == "governed by the laws of the State of New York"
    assert found.warnings == ("conflict: law: 'Utah' (page 1) or 'New York' (page 3)",)


def test_two_days_in_the_same_words_are_both_cited() -> None:
    line = "The term of this Agreement shall begin on {} and go on."
    document = clean(line.format("1 May 2024"), BETWEEN, line.format("June 3, 2025"))
    found = with_contradictions(merged(document, line.format("1 May 2024"), "2024-05-01", "begin.date"), document)
    assert [one.value for one in found.evidence] == ["2024-05-01", "2025-06-03"]


@pytest.mark.parametrize(
    "other",
    [
        FIRST,
        FIRST.replace("Utah", "Utah, USA"),
        "Buyer is a company organized under the laws of the State of Ohio.",
        FIRST.replace("Utah", "its seat"),
    ],
)
def test_what_says_the_same_or_something_else_is_no_conflict(other: str) -> None:
    document = clean(FIRST, BETWEEN, other)
    given = merged(document, FIRST, "Utah")
    assert with_contradictions(given, document) == given


def test_items_of_a_list_are_meant_to_differ() -> None:
    document = clean(FIRST, FIRST.replace("Utah", "Ohio"))
    given = merged(document, FIRST, "Utah", "laws[0].name")
    assert with_contradictions(given, document) == given
