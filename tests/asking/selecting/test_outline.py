"""outline: a document is shown as its headings with the openings of their sections, in as many tokens as there are."""

from __future__ import annotations

from itertools import pairwise

from qwen_batch.asking.prompts import shown
from qwen_batch.asking.selecting.outline import document_to_outline, document_to_sections, with_outline
from qwen_batch.asking.selecting.passages import Passage
from qwen_batch.asking.selecting.select import Chosen, selected_chunk
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.records import Box, CleanDocument, Document, LineSpan

TOKENIZER = ApproximateTokenizer()
FILLER = "The method is the same as in the year before. " * 30
TEXT = "\n\n".join(
    [
        "# Dairy report",
        "## Prices",
        f"Butter was dear. {FILLER}",
        f"The farm price was 43.6 cents in 2023. {FILLER}",
        "## Stocks",
        "### Powder",
        f"Powder was scarce. {FILLER}",
        "## Open points",
        f"Rain is awaited. {FILLER}",
    ]
)


def clean(text: str = TEXT) -> CleanDocument:
    at, spans = 0, []
    for line in text.split("\n"):
        spans.append(LineSpan(at, at + len(line), 1, Box(0, 0, 0, 0)))
        at += len(line) + 1
    return CleanDocument(Document("0" * 64, "made.md", "text/markdown", 1), text, tuple(spans), (), "en", 1, 0, None)


def shown_in(room: int, document: CleanDocument | None = None) -> str:
    document = document or clean()
    return shown(selected_chunk(document, document_to_outline(document, ["sections"], room, TOKENIZER)))


def test_sections_hold_every_character_behind_their_headings_once() -> None:
    sections = document_to_sections(clean())
    assert [one.path[-1].title for one in sections] == ["Dairy report", "Prices", "Stocks", "Powder", "Open points"]
    assert [TEXT[one.body : one.body + 2] for one in sections] == ["\n\n"] * 5
    assert all(one.end == after.start for one, after in pairwise(sections))
    assert sections[-1].end == len(TEXT)


def test_a_document_that_fits_is_shown_whole_with_its_headings_marked() -> None:
    text = shown_in(100_000)
    assert "[Prices]" in text
    assert "[Stocks > Powder]" in text
    assert text.count("The method is the same") == TEXT.count("The method is the same")


def test_less_room_leaves_openings_and_the_first_sentence_with_a_figure() -> None:
    room = 400
    text = shown_in(room)
    assert len(TOKENIZER.token_ends(text)) <= room
    for words in (
        "[Prices]",
        "Butter was dear.",
        "43.6 cents",
        "Powder was scarce.",
        "[Open points]",
        "Rain is awaited.",
    ):
        assert words in text


def test_headings_alone_are_shown_where_there_is_room_for_no_more() -> None:
    text = shown_in(60)
    assert "## Prices" in text
    assert "## Open points" in text
    assert "Butter" not in text


def test_a_section_without_text_of_its_own_keeps_its_heading() -> None:
    assert "## Stocks" in shown_in(400)


def test_a_document_without_headings_has_no_outline() -> None:
    assert document_to_outline(clean(FILLER), ["sections"], 1000, TOKENIZER) == ()


def test_what_a_passage_shows_is_left_out_of_the_tree() -> None:
    tree = [Chosen(Passage(0, 100, 1), {"sections": 0.0}), Chosen(Passage(150, 200, 1), {"sections": 0.0})]
    both = with_outline([Chosen(Passage(40, 160, 1), {"law": 2.0})], tree)
    assert [(one.passage.start, one.passage.end) for one in both] == [(0, 40), (40, 160), (160, 200)]
