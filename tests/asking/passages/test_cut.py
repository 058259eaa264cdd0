"""cut: passages hold all of a text, in order, along its structure."""

from __future__ import annotations

from itertools import pairwise

import pytest
from helpers.texts import text_to_clean

from qwen_batch.asking.passages.cut import document_to_blocks, document_to_passages
from qwen_batch.engine.tokens import ApproximateTokenizer

TOKENIZER = ApproximateTokenizer()
TEXT = (
    "# Rules\n\n## Water\n\nThe operator tests the water. It does so each week.\n\n- first\n- second\n\n"
    "## Fees\n\n| Who | Fee |\n| --- | --- |\n" + "| Child | 3 |\n" * 30 + "\n" + "A sentence of the end. " * 40
)


@pytest.mark.parametrize("tokens", [32, 60, 200, 4000])
def test_passages_hold_all_of_a_text_in_order(tokens: int) -> None:
    clean = text_to_clean(TEXT)
    passages = document_to_passages(clean, tokens, TOKENIZER)
    assert "".join("".join(one.text for one in passages).split()) == "".join(clean.text.split())
    assert [one.index for one in passages] == list(range(len(passages)))
    assert all(one.end == following.start for one, following in pairwise(passages))
    assert all(len(TOKENIZER.token_ends(one.text)) <= tokens + 8 for one in passages)


def test_a_heading_stands_with_what_follows_it_and_a_table_alone() -> None:
    texts = [one.text for one in document_to_passages(text_to_clean(TEXT), 60, TOKENIZER)]
    assert not any(text.rstrip().splitlines()[-1].startswith("#") for text in texts)
    assert next(text for text in texts if "| Who" in text).startswith("## Fees\n\n| Who")
    assert not any("|" in text and "sentence" in text for text in texts)


def test_a_table_is_cut_between_rows() -> None:
    texts = [one.text for one in document_to_passages(text_to_clean(TEXT), 60, TOKENIZER)]
    rows = [line for text in texts for line in text.splitlines() if line.startswith("|")]
    assert rows.count("| Child | 3 |") == 30


def test_headings_without_marks_get_them() -> None:
    text = "ARTICLE I WATER\n\nThe operator tests the water each week.\n\nARTICLE II FEES\n\nEverybody pays three euro."
    kinds = [(one.kind, one.text.strip()) for one in document_to_blocks(text_to_clean(text))]
    assert kinds[0] == ("heading", "# ARTICLE I WATER")
    assert [kind for kind, _ in kinds] == ["heading", "text", "heading", "text"]


def test_chinese_without_spaces_is_cut_at_sentences() -> None:
    text = "本办法适用于学校各类实验室。" * 40
    passages = document_to_passages(text_to_clean(text), 60, TOKENIZER)
    assert all(one.text.endswith("。") for one in passages)
