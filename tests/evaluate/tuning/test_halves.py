from __future__ import annotations

import pytest

from qwen_batch.errors import UsageError
from qwen_batch.evaluate.gold import GoldDocument, make_gold
from qwen_batch.evaluate.tuning.halves import is_dev, split_gold
from qwen_batch.records import Document


def documents(count: int) -> list[Document]:
    return [Document(f"{number:064x}", f"/in/{number}.txt", "text/plain", 1) for number in range(count)]


def gold(count: int) -> list[GoldDocument]:
    return [make_gold(f"{number}.txt", {"names[]": ["a", "b", "c"]}) for number in range(count)]


def test_each_document_is_in_one_half_and_no_document_in_both() -> None:
    halves = split_gold(gold(40), documents(40))
    dev, report = ({one.source for one in half.gold} for half in (halves.dev, halves.report))
    assert dev | report == {one.source for one in gold(40)}
    assert not dev & report
    assert {one.uri.rpartition("/")[2] for one in halves.dev.documents} == dev


def test_a_document_stays_in_its_half_whatever_is_beside_it() -> None:
    few, many = split_gold(gold(20), documents(20)), split_gold(gold(60), documents(60))
    assert {one.id for one in few.dev.documents} <= {one.id for one in many.dev.documents}
    renamed = Document(documents(1)[0].id, "/elsewhere/other.pdf", "application/pdf", 9)
    assert is_dev(renamed) is is_dev(documents(1)[0])


def test_gold_that_is_too_small_to_be_split_is_refused() -> None:
    with pytest.raises(UsageError, match="gold of 4 documents is too small to be split") as refused:
        split_gold(gold(4), documents(4))
    assert "on the same rows" in (refused.value.remedy or "")
    with pytest.raises(UsageError, match="values, not 3 with 8"):
        split_gold([make_gold(f"{number}.txt", {"name": "a"}) for number in range(12)], documents(12))


def test_gold_of_a_document_that_is_not_there_is_refused_by_its_name() -> None:
    with pytest.raises(UsageError, match=r"1 of 9 documents of the gold are not among the inputs, first '8\.txt'"):
        split_gold(gold(9), documents(8))
