"""judge: what each value is held against, and what a judgement says of confidence and evidence."""

from __future__ import annotations

from typing import Any

from helpers.published import evidence, parts

from qwen_batch.evaluate.gold import GoldEvidence, make_gold
from qwen_batch.evaluate.judge import Judgement, Prediction, judge_document

NAMES = "parties[].name"


def judged(gold: dict[str, object], result: dict[str, Any], **about: Any) -> list[Judgement]:
    return list(judge_document(make_gold("a.pdf", gold), Prediction("/in/a.pdf", result, **about)))


def test_without_a_row_every_gold_value_is_missed_and_nothing_is_absent() -> None:
    missed = list(judge_document(make_gold("a.pdf", {NAMES: ["Acme", "Beta"], "law": None}), None))
    assert [(one.field, one.outcome, one.value, one.gold) for one in missed] == [
        (NAMES, "missed", None, "Acme"),
        (NAMES, "missed", None, "Beta"),
    ]
    assert not any(one.is_right for one in missed)


def test_a_value_knows_its_own_place_in_a_list_and_the_confidence_of_its_field() -> None:
    said = parts("parties")
    result = {"parties": [{"name": "Beta Ltd"}, {"name": "Acme Inc."}]}
    found = judged({NAMES: ["ACME", "BETA"]}, result, confidence={"parties": 0.7}, parts=(said,))
    assert [(one.outcome, one.path, one.gold) for one in sorted(found, key=lambda one: one.path)] == [
        ("right", "parties[0].name", "BETA"),
        ("right", "parties[1].name", "ACME"),
    ]
    assert {(one.field, one.confidence, one.parts) for one in found} == {(NAMES, 0.7, said)}


def test_a_value_is_paired_with_the_gold_that_it_is_closest_to() -> None:
    result = {"parties": [{"name": "Zeta Gmbh"}, {"name": "Beta Ltd"}, {"name": "Gamma"}]}
    found = judged({NAMES: ["Beta", "Zetta"]}, result)
    assert {(one.value, one.gold): one.outcome for one in found} == {
        ("Beta Ltd", "Beta"): "right",
        ("Zeta Gmbh", "Zetta"): "wrong",
        ("Gamma", None): "spurious",
    }


def test_an_empty_field_states_once_that_there_is_nothing() -> None:
    found = judged({NAMES: ["Acme", "Beta"]}, {"parties": []}, confidence={"parties": 0.9}, parts=(parts("parties"),))
    assert [(one.outcome, one.confidence, one.parts is None) for one in found] == [
        ("missed", 0.9, False),
        ("missed", None, True),
    ]


def test_a_missing_part_of_a_value_that_stands_is_no_statement_about_the_field() -> None:
    result = {"law": {"country": "Nevada", "court": None}}
    (missed,) = judged({"law.court": "Reno"}, result, confidence={"law": 0.9})
    assert (missed.outcome, missed.confidence) == ("missed", None)


def test_where_gold_has_nothing_an_empty_field_is_right() -> None:
    (absent,) = judged({"law": None}, {"law": None}, confidence={"law": 0.4})
    assert (absent.outcome, absent.is_right, absent.gold, absent.confidence) == ("absent", True, None, 0.4)


def test_evidence_is_that_of_the_path_and_judged_for_right_values_alone() -> None:
    gold = make_gold("a.pdf", {NAMES: ["Acme", "Beta"]}, {NAMES: [GoldEvidence(2, "Acme and Beta")]})
    of_first = evidence("parties[0].name", "Acme", "Acme and Beta", 2)
    of_second = evidence("parties[1].name", "Zeus", "Acme and Beta", 2)
    result = {"parties": [{"name": "Acme"}, {"name": "Zeus"}]}
    right, wrong = judge_document(gold, Prediction("a.pdf", result, (of_first, of_second)))
    assert (right.outcome, right.evidence, right.page_right, right.span_right) == ("right", of_first, True, True)
    assert (wrong.outcome, wrong.evidence, wrong.page_right, wrong.span_right) == ("wrong", of_second, None, None)


def test_gold_says_how_its_values_are_compared_where_it_wants_to() -> None:
    (loose,) = judge_document(make_gold("a", {"name": "Acme"}), Prediction("a", {"name": "ACME Inc."}))
    gold = make_gold("a", {"name": "Acme"}, normalisers={"name": "exact"})
    (exact,) = judge_document(gold, Prediction("a", {"name": "ACME Inc."}))
    assert (loose.kind, loose.outcome) == ("name", "right")
    assert (exact.kind, exact.outcome) == ("exact", "wrong")
