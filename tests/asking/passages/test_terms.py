"""terms: what a document's passages share is found by code and named by the model."""

from __future__ import annotations

from dataclasses import replace

from helpers.places import ROOT
from helpers.texts import text_to_clean

from qwen_batch.asking.passages.terms import document_to_terms, prompt_terms, terms_job
from qwen_batch.asking.prompts import chunk_to_prompt, schema_outline
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.job.drafting.passages import Passages
from qwen_batch.job.files import find_job, load_job
from qwen_batch.records import Chunk

JOB = load_job(find_job("translate_document", ROOT / "jobs"))
TEXT = (
    "# Water\n\nThe Harbour Board tests the water. The water is good, says the Harbour Board.\n\n"
    "# Fees\n\nAnna Berg collects them. Ask Anna Berg. Supplier and Supplier, with one Tern House."
)


def test_terms_are_repeated_names_and_headings_that_the_text_takes_up() -> None:
    assert document_to_terms(text_to_clean(TEXT), JOB) == ("Harbour Board", "Anna Berg", "Water")


def test_chinese_names_are_found_by_their_endings_and_brackets() -> None:
    text = "“清源水务公司”负责检测。《供水办法》由清源水务公司执行，《供水办法》自公布日起施行。"
    found = document_to_terms(text_to_clean(text), replace(JOB, language="en"))
    assert "供水办法" in found
    assert any("水务公司" in term for term in found)


def test_only_so_many_are_asked_and_none_without_the_wish() -> None:
    clean = text_to_clean(TEXT)
    assert len(document_to_terms(clean, replace(JOB, passages=Passages(terms=1)))) == 1
    assert document_to_terms(clean, replace(JOB, passages=Passages())) == ()


def test_each_term_is_a_field_so_that_none_is_left_out() -> None:
    outline = schema_outline(terms_job(JOB, ("Harbour Board", "Water")))
    assert outline.splitlines() == ['term_1: "Harbour Board"', 'term_2: "Water"']


def test_a_passage_has_the_terms_that_stand_in_it() -> None:
    clean = text_to_clean(TEXT)
    prompt = chunk_to_prompt(clean, Chunk("The Harbour Board met.", 0, 22), JOB, ApproximateTokenizer())
    assert prompt_terms(prompt, (("Harbour Board", "港务局"), ("Water", "水"))) == (("Harbour Board", "港务局"),)
