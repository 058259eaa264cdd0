"""chunk: nothing lost, nothing twice, the budget kept, and cuts where a reader would cut."""

from __future__ import annotations

from itertools import pairwise

import pytest

from qwen_batch.asking.chunk import document_to_chunks
from qwen_batch.engine.tokens import ApproximateTokenizer, Messages, Tokenizer
from qwen_batch.records import Box, Chunk, CleanDocument, Document, LineSpan

ENGLISH = "The supplier delivers the goods in good order."
CHINESE = "供应商应当按照本合同约定的时间和地点交付货物。"


class FakeCharacterTokenizer:
    """One token a character, as it is for much of Chinese."""

    def render(self, messages: Messages) -> tuple[int, ...]:
        return (0,) * sum(len(content) for _, content in messages)

    def token_ends(self, text: str) -> list[int]:
        return list(range(1, len(text) + 1))


class FakeWordTokenizer:
    """A token ends before each space, so tokens differ in length and one at the end may be empty of letters."""

    def render(self, messages: Messages) -> tuple[int, ...]:
        return (0,) * sum(len(self.token_ends(content)) for _, content in messages)

    def token_ends(self, text: str) -> list[int]:
        return [at for at, character in enumerate(text) if at and character.isspace()] + [len(text)] * bool(text)


def document(pages: list[list[list[str]]]) -> CleanDocument:
    """A clean document of pages of paragraphs of lines."""
    text, lines = "", []
    for number, paragraphs in enumerate(pages, 1):
        for paragraph in paragraphs:
            text += "\n\n" if text else ""
            for place, line in enumerate(paragraph):
                text += "\n" if place else ""
                lines.append(LineSpan(len(text), len(text) + len(line), number, Box(0, 0, 1, 1)))
                text += line
    return CleanDocument(Document("id", "file", "text/plain", 1), text, tuple(lines), (), "en", len(pages), 0, None)


def plain(text: str) -> CleanDocument:
    return document([[[text]]]) if text else document([])


def checked(clean: CleanDocument, budget: int, tokenizer: Tokenizer) -> tuple[Chunk, ...]:
    chunks = document_to_chunks(clean, budget, tokenizer)
    assert "".join(chunk.text for chunk in chunks) == clean.text
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert {chunk.count for chunk in chunks} == {len(chunks)}
    assert chunks[0].start == 0
    assert chunks[-1].end == len(clean.text)
    assert all(before.end == after.start for before, after in pairwise(chunks))
    for chunk in chunks:
        assert chunk.text == clean.text[chunk.start : chunk.end]
        ends = tokenizer.token_ends(clean.text)
        assert sum(chunk.start < end <= chunk.end for end in ends) <= budget
    return chunks


@pytest.mark.parametrize("sentence", [ENGLISH, CHINESE])
@pytest.mark.parametrize("budget", [1, 2, 7, 40, 333])
@pytest.mark.parametrize("tokenizer", [ApproximateTokenizer(), FakeCharacterTokenizer(), FakeWordTokenizer()])
def test_chunks_hold_every_character_once_within_the_budget(sentence: str, budget: int, tokenizer: Tokenizer) -> None:
    pages = [[[f"{n} {sentence}" for n in range(6)] for _ in range(2)] for _ in range(2)]
    checked(document(pages), budget, tokenizer)


def test_a_text_that_fits_is_one_chunk() -> None:
    assert checked(plain(CHINESE), len(CHINESE), FakeCharacterTokenizer()) == (Chunk(CHINESE, 0, len(CHINESE), 0, 1),)


def test_one_token_more_than_the_budget_makes_two_chunks() -> None:
    assert len(checked(plain("x" * 11), 10, FakeCharacterTokenizer())) == 2


def test_an_empty_text_is_one_empty_chunk() -> None:
    assert document_to_chunks(plain(""), 5, ApproximateTokenizer()) == (Chunk("", 0, 0),)


def test_a_line_longer_than_the_budget_is_cut_between_tokens() -> None:
    chunks = checked(plain("x" * 25), 10, FakeCharacterTokenizer())
    assert [len(chunk.text) for chunk in chunks] == [10, 10, 5]


def test_words_are_cut_where_tokens_end() -> None:
    chunks = checked(plain("one two three four five"), 2, FakeWordTokenizer())
    assert [chunk.text for chunk in chunks] == ["one two", " three four", " five"]


def test_a_chunk_ends_with_a_line() -> None:
    clean = document([[[f"{n:09d}" for n in range(9)]]])  # ten characters a line with its end
    chunks = checked(clean, 35, FakeCharacterTokenizer())
    assert [(chunk.start, chunk.end) for chunk in chunks] == [(0, 30), (30, 60), (60, 89)]


def test_a_paragraph_border_in_the_last_quarter_is_better_than_a_later_line() -> None:
    clean = document([[["a" * 9] * 8, ["b" * 9] * 8]])
    first = checked(clean, 95, FakeCharacterTokenizer())[0]
    assert first.text == clean.text[: clean.text.index("b")]


def test_a_page_border_is_better_than_a_later_paragraph() -> None:
    clean = document([[["a" * 78]], [["b" * 8], ["c" * 90]]])
    first = checked(clean, 100, FakeCharacterTokenizer())[0]
    assert first.text == clean.text[: clean.text.index("b")]


def test_a_page_border_that_would_waste_the_chunk_is_passed_over() -> None:
    clean = document([[["a" * 20]], [["b" * 9] * 20]])
    first = checked(clean, 100, FakeCharacterTokenizer())[0]
    assert "b" * 9 in first.text
    assert len(first.text) > 75


def test_a_border_exactly_at_the_limit_counts() -> None:
    clean = document([[["a" * 9] * 4]])
    assert checked(clean, 20, FakeCharacterTokenizer())[0].text == "aaaaaaaaa\naaaaaaaaa\n"


def test_of_two_page_borders_the_one_at_the_limit_is_taken() -> None:
    clean = document([[["a" * 78]], [["b" * 18]], [["c" * 50]]])
    assert clean.text.index("c") == 100
    assert checked(clean, 100, FakeCharacterTokenizer())[0].text == clean.text[:100]


def test_a_section_in_the_last_quarter_is_better_than_a_later_page_and_the_highest_is_best() -> None:
    body = ["x" * 9] * 12
    pages = [[[*body, "ARTICLE II TERM", "2.1 Renewal Terms"]], [["y" * 9] * 20]]
    clean = document(pages)
    first = checked(clean, 158, FakeCharacterTokenizer())[0]
    assert first.text == clean.text[: clean.text.index("ARTICLE II")]


def test_a_chunk_carries_the_headings_that_it_begins_under() -> None:
    clean = document([[["ARTICLE VII TERM", "7.2 Renewal", *(f"line {n:03d} of it" for n in range(20))]]])
    first, second, *_ = checked(clean, 180, FakeCharacterTokenizer())
    assert first.headings == ()
    assert second.headings == ("ARTICLE VII TERM", "7.2 Renewal")


def test_a_chunk_that_begins_with_a_heading_stands_under_those_above_it_only() -> None:
    lines = [f"line {n:03d} of it" for n in range(10)]
    clean = document([[["ARTICLE VII TERM", *lines], ["7.2 Renewal", *lines]]])
    second = checked(clean, 185, FakeCharacterTokenizer())[1]
    assert second.text.startswith("7.2 Renewal")
    assert second.headings == ("ARTICLE VII TERM",)


def test_headings_that_would_take_too_much_room_lose_the_outermost() -> None:
    title = "TERM AND TERMINATION OF THE AGREEMENT IN EVERY CASE"
    clean = document([[[f"ARTICLE VII {title}", f"7.2 {title}", *(f"line {n:03d} of it" for n in range(40))]]])
    second = checked(clean, 300, FakeCharacterTokenizer())[1]
    assert second.headings == (f"7.2 {title}",)


def test_a_document_that_is_too_long_for_one_prompt_is_cut_into_the_parts_asked_for() -> None:
    clean = document([[[f"{n:09d}" for n in range(9)]]])
    whole = document_to_chunks(clean, 89, FakeCharacterTokenizer(), 30)
    parts = document_to_chunks(clean, 88, FakeCharacterTokenizer(), 30)
    assert [len(chunks) for chunks in (whole, parts)] == [1, 3]
