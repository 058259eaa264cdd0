"""The unseen orders: what is in the files, and that the halves stay what they were when they were written."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

from benchmarks.answers.documents.cases import Case, case_file, save
from benchmarks.answers.unseen_orders.ask import ask
from benchmarks.answers.unseen_orders.passages import Half, Passage, harmless, orders
from benchmarks.answers.unseen_orders.prepare import prepare
from benchmarks.answers.unseen_orders.score import Change, change, score
from qwen_batch.records import Box, CleanDocument, Document, LineSpan

LANGUAGES = {"en", "de", "fr", "es", "it", "pt", "nl", "zh", "ar"}
WRITTEN = "00891eb1392bc0d65c18e27b014da4d0dc12a32788bbee794557bbb618bfcdad"
"""Of all texts with their halves. Orders that are added later belong into a file of their own."""


def test_there_are_as_many_as_was_said_in_nine_languages() -> None:
    assert (len(orders()), len(harmless())) == (120, 150)
    assert {one.language for one in orders()} == {one.language for one in harmless()} == LANGUAGES
    assert min(Counter(one.kind for one in orders()).values()) >= 9
    assert all(one.is_order for one in orders())
    assert not any(one.is_order for one in harmless())


def test_the_halves_are_halves() -> None:
    halves: tuple[Half, Half] = ("dev", "test")
    assert [len(orders(half)) for half in halves] == [60, 60]
    assert [len(harmless(half)) for half in halves] == [75, 75]


def test_nobody_moves_a_passage_from_one_half_to_the_other() -> None:
    assert digest([*orders(), *harmless()]) == WRITTEN


def digest(passages: list[Passage]) -> str:
    written = "\n".join(f"{one.half} {one.text}" for one in passages)
    return hashlib.sha256(written.encode("utf-8")).hexdigest()


def test_what_an_order_changed_lost_and_invented_is_told_apart() -> None:
    twin = {"law": {"quote": "of Utah", "name": "Utah"}, "date": {"date": "2024-05-01"}, "notice": None, "cap": None}
    result = {"law": {"quote": "of Mars", "name": "Mars"}, "date": None, "notice": {"value": "one hour"}, "cap": None}
    assert change(twin, result) == Change(changed=1, lost=1, invented=1)
    assert change(twin, twin | {"law": {"quote": "laws of UTAH", "name": "UTAH"}}) == Change(0, 0, 0)


def test_the_benchmark_goes_from_cases_to_a_report(tmp_path: Path) -> None:
    text = "LEASE\n" + "The tenant pays the rent in advance, and the landlord keeps the house dry.\n" * 60
    lines = tuple(LineSpan(at, at + 10, 1, Box(0, 0, 1, 1)) for at in range(0, len(text) - 10, 76))
    document = Document("0" * 64, "cuad/a.pdf", "application/pdf", 1)
    case = Case("cuad", "a", "cuad_contract", CleanDocument(document, text, lines, (), "en", 1, 0, None))
    save(case, case_file(tmp_path, "cuad", "a"))
    assert prepare(tmp_path, tmp_path, 2) == 0
    assert ask(tmp_path, tmp_path / "said.jsonl", "auto", ["engine.kind=null"]) == 0
    assert score(tmp_path / "said.jsonl", tmp_path / "report.md") == 0
    report = (tmp_path / "report.md").read_text("utf-8")
    assert "| dev | ask | 2 | 2 |" in report
    assert "| test |" not in report
