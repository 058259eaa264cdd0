from __future__ import annotations

from qwen_batch.records import Box, CleanDocument, Document, LineSpan
from qwen_batch.report.content import Citation
from qwen_batch.report.marked import AROUND_CHARS, MAX_CHARS, marked, page_spans

NOWHERE = Box(0, 0, 0, 0)


def citation(number: int, start: int | None, end: int | None) -> Citation:
    return Citation(number, "law", "", "", 1, start, end, (), "exact", "accepted", 1.0)


def pieces(text: str, *citations: Citation) -> list[tuple[str, tuple[int, ...]]]:
    (passage,) = marked(text, [(0, len(text))], citations)
    return [(piece.text, piece.citations) for piece in passage.pieces]


def test_marks_that_overlap_are_cut_at_each_other() -> None:
    found = pieces("abcdefgh", citation(1, 1, 5), citation(2, 3, 7))
    assert found == [("a", ()), ("bc", (1,)), ("de", (1, 2)), ("fg", (2,)), ("h", ())]


def test_evidence_without_a_place_marks_nothing() -> None:
    assert pieces("abc", citation(1, None, None)) == [("abc", ())]


def test_a_long_page_is_cut_to_what_stands_around_its_marks() -> None:
    text = "x" * (3 * MAX_CHARS)
    first, second = marked(text, [(0, len(text))], [citation(1, 5000, 5010), citation(2, 30_000, 30_010)])
    assert [first.pieces[0].start, second.pieces[0].start] == [5000 - AROUND_CHARS, 30_000 - AROUND_CHARS]
    assert sum(len(piece.text) for piece in first.pieces) == 2 * AROUND_CHARS + 10


def test_what_heads_and_feet_say_behind_the_text_is_a_span_of_its_own() -> None:
    spans = [(0, 10, 1), (11, 20, 1), (21, 30, 2), (31, 40, 1)]
    lines = tuple(LineSpan(start, end, page, NOWHERE) for start, end, page in spans)
    clean = CleanDocument(Document("d", "/d", "", 1), "x" * 40, lines, (), "en", 2, 0, None)
    assert page_spans(clean) == {1: [(0, 20), (31, 40)], 2: [(21, 30)]}
