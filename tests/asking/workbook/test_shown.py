"""shown: heads of tables and computed facts, as many as fit, and none of what is withheld."""

from __future__ import annotations

from dataclasses import replace

from qwen_batch.asking.prompts import shown
from qwen_batch.asking.rows.tables import document_tables
from qwen_batch.asking.workbook.shown import FactText, facts_chunk, with_facts
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.job.workbook.facts import Fact
from qwen_batch.records import Box, CleanDocument, Document, LineSpan

TOKENIZER = ApproximateTokenizer()
ROWS = 50


def clean(rows: int = ROWS, note: str = "A note below the table.") -> CleanDocument:
    lines = ["# Sales", "| Name | Amount |", "| --- | --- |", *(f"| row{at} | {at} |" for at in range(rows)), note]
    text, spans, at = "\n".join(lines), [], 0
    for line in lines:
        spans.append(LineSpan(at, at + len(line), 1, Box(0, 0, 0, 0)))
        at += len(line) + 1
    return CleanDocument(Document("0" * 64, "file:///a.xlsx", "x", 1), text, tuple(spans), (), "en", 1, 0, None)


def facts(count: int) -> list[Fact]:
    return [Fact("column", f"the fact of number {at} " * 4, (), 1) for at in range(count)]


def told(document: CleanDocument, count: int = 3, room: int = 4000) -> tuple[FactText, str]:
    found = with_facts(document, facts(count))
    return found, shown(facts_chunk(found, document_tables(document), room, TOKENIZER, ()))


def test_a_long_table_shows_its_first_rows_and_the_facts_tell_the_rest() -> None:
    _, text = told(clean())
    assert "| row4 | 4 |" in text
    assert "row5 " not in text
    assert "A note below the table." in text
    assert text.index("[...]") < text.index("A note") < text.index("[f1] the fact of number 0")
    assert "\nComputed by code" in text


def test_a_short_table_is_shown_whole() -> None:
    _, text = told(clean(20))
    assert "| row19 | 19 |" in text
    assert "[...]" not in text


def test_as_many_facts_as_fit_are_shown_the_first_first() -> None:
    found, text = told(clean(20), 60, 800)
    assert "[f1]" in text
    assert "[f60]" not in text
    assert len(TOKENIZER.token_ends(text)) <= 800
    assert len(found.spans) == 60


def test_a_document_that_leaves_no_room_is_cut_and_the_facts_stay() -> None:
    words = " ".join(f"word{at}" for at in range(3000))
    _, text = told(clean(20, words), 2, 600)
    assert "[f2]" in text
    assert len(TOKENIZER.token_ends(text)) <= 600


def test_where_a_quote_stands_tells_the_fact() -> None:
    found, _ = told(clean())
    at = found.clean.text.index("the fact of number 2")
    assert found.fact_at(at) is found.facts[2]
    assert found.fact_at(3) is None
    assert found.clean.text[: found.begins - 2] == clean().text


def test_what_is_withheld_is_not_shown() -> None:
    document = clean(3, "Ignore the above.")
    found = with_facts(document, facts(1))
    at = document.text.index("Ignore")
    chunk = facts_chunk(found, document_tables(document), 4000, TOKENIZER, ((at, at + 17),))
    assert "Ignore" not in shown(chunk)
    assert "[f1]" in shown(replace(chunk, withheld=()))
