"""score: what counts as right, and what the figures say of cases that can be counted by hand."""

from __future__ import annotations

import random

import pytest
from helpers.published import evidence, parts

from qwen_batch.errors import UsageError
from qwen_batch.evaluate.compare import compare_scores
from qwen_batch.evaluate.gold import GoldEvidence, make_gold
from qwen_batch.evaluate.grounding import overlap
from qwen_batch.evaluate.measures import Counts, Sample, auroc, reliability_bins, risk_coverage, samples_to_score
from qwen_batch.evaluate.score import Prediction, documents_to_scores

LAW = "governing_law.jurisdiction"
NAMES = "parties[].name"


def outcomes(gold: dict[str, object], result: dict[str, object]) -> list[tuple[str, object, object]]:
    scores = documents_to_scores([make_gold("a.pdf", gold)], [Prediction("/in/a.pdf", result)])
    return [(one.outcome, one.value, one.gold) for one in scores.judgements]


def test_a_scalar_is_right_wrong_spurious_missed_or_rightly_absent() -> None:
    def law(value: str | None) -> dict[str, object]:
        return {"governing_law": None if value is None else {"jurisdiction": value, "quote": value}}

    assert outcomes({LAW: "Nevada"}, law("State of Nevada")) == [("right", "State of Nevada", "Nevada")]
    assert outcomes({LAW: "Nevada"}, law("Texas")) == [("wrong", "Texas", "Nevada")]
    assert outcomes({LAW: None}, law("Texas")) == [("spurious", "Texas", None)]
    assert outcomes({LAW: "Nevada"}, law(None)) == [("missed", None, "Nevada")]
    assert outcomes({LAW: None}, law(None)) == [("absent", None, None)]
    assert outcomes({LAW: None}, law("  ")) == [("absent", None, None)]


def test_lists_are_matched_one_to_one_whatever_their_order() -> None:
    result = {"parties": [{"name": "Beta Ltd"}, {"name": "Acme Inc."}, {"name": "Beta Limited"}, {"name": "Zeta"}]}
    assert sorted(outcomes({NAMES: ["ACME", "BETA", "Zeus"]}, result), key=str) == [
        ("right", "Acme Inc.", "ACME"),
        ("right", "Beta Ltd", "BETA"),
        ("spurious", "Beta Limited", None),
        ("wrong", "Zeta", "Zeus"),
    ]


def test_any_of_several_spellings_is_right() -> None:
    gold = {"renewal.value": {"any_of": ["none", "successive one year terms"]}}
    assert outcomes(gold, {"renewal": {"value": "one year terms, successive"}})[0][0] == "right"


def test_counts_give_precision_recall_and_f1() -> None:
    counts = Counts(right=6, wrong=2, spurious=1, missed=3, absent=4)
    assert counts.precision == pytest.approx(6 / 9)
    assert counts.recall == pytest.approx(6 / 11)
    assert counts.f1 == pytest.approx(2 * (6 / 9) * (6 / 11) / (6 / 9 + 6 / 11))
    assert counts.accuracy == pytest.approx(10 / 16)
    assert (Counts().f1, Counts(absent=3).f1, Counts(absent=3).accuracy) == (None, None, 1.0)
    assert Counts(missed=1).f1 == 0


def test_a_document_without_a_row_is_missed_listed_and_stands_first() -> None:
    gold = [make_gold("a.pdf", {LAW: "Nevada"}), make_gold("gone.pdf", {LAW: "Texas", NAMES: ["A", "B"]})]
    scores = documents_to_scores(
        gold, [Prediction("/in/a.pdf", {"governing_law": {"jurisdiction": "Nevada"}}), Prediction("/in/b.pdf", {})]
    )
    assert scores.missing == ("gone.pdf",)
    assert scores.unjudged == 1
    assert scores.counts == Counts(right=1, missed=3)
    assert [one.source for one in scores.documents] == ["gone.pdf", "a.pdf"]
    assert {one.field: one.counts.recall for one in scores.fields} == {LAW: 0.5, NAMES: 0}
    assert scores.macro_f1 == pytest.approx((2 / 3 + 0) / 2)


def test_a_source_is_found_by_path_name_end_of_path_or_id() -> None:
    row = Prediction("s3://bucket/in/x/a.pdf", {"law": "Nevada"}, doc_id="f00d")
    for source in ("s3://bucket/in/x/a.pdf", "a.pdf", "x/a.pdf", "./x/a.pdf", "f00d"):
        assert documents_to_scores([make_gold(source, {"law": "Nevada"})], [row]).missing == ()
    assert documents_to_scores([make_gold("b/a.pdf", {"law": "Nevada"})], [row]).missing == ("b/a.pdf",)


def test_a_name_that_fits_two_files_is_refused_and_two_copies_of_one_file_are_not() -> None:
    rows = [Prediction(f"/in/{folder}/a.pdf", {"law": "Nevada"}, doc_id=folder) for folder in "xy"]
    with pytest.raises(UsageError, match=r"'a\.pdf' fits 2 rows"):
        documents_to_scores([make_gold("a.pdf", {"law": "Nevada"})], rows)
    copies = [Prediction(row.source, row.result, doc_id="same") for row in rows]
    assert documents_to_scores([make_gold("a.pdf", {"law": "Nevada"})], copies).counts.right == 1


def test_grounding_counts_right_values_by_page_and_by_words() -> None:
    place = GoldEvidence(12, "governed by the laws of the State of Nevada, without regard to conflicts")
    gold = [make_gold(name, {LAW: "Nevada"}, {LAW: [place]}) for name in "abcde"]

    def answer(name: str, quote: str, page: int | None, match: str, value: str = "Nevada") -> Prediction:
        found = evidence(LAW, value, quote, page, match)
        return Prediction(name, {"governing_law": {"jurisdiction": value}}, (found,))

    grounding = documents_to_scores(
        gold,
        [
            answer("a", "the laws of the  STATE of Nevada", 12, "normalised"),
            answer("b", "the State of Nevada", 3, "exact"),  # the words, on another page
            answer("c", "a Nevada corporation", 12, "exact"),  # the page, other words
            answer("d", "the laws of the State of Nevada", None, "none"),  # not in the document
            answer("e", "laws of Texas", 12, "exact", "Texas"),  # a wrong value is not judged
        ],
    ).grounding
    assert (grounding.paged, grounding.page_right) == (4, 2)
    assert (grounding.quoted, grounding.span_right) == (4, 1)
    assert (grounding.values, grounding.located) == (5, 4)


def test_quotes_overlap_when_they_share_half_of_the_shorter_one() -> None:
    assert overlap("State of Nevada and shall be", "in the State of Nevada")
    assert overlap("适用中华人民共和国法律", "本合同适用 中华人民共和国法律。")
    assert not overlap("the State of Texas", "Nevada law governs")
    assert not overlap("", "anything")


def test_a_spurious_value_with_a_located_quote_is_counted() -> None:
    found = evidence(LAW, "Texas", "Texas")
    answer = Prediction("a", {"governing_law": {"jurisdiction": "Texas"}}, (found,))
    grounding = documents_to_scores([make_gold("a", {LAW: None})], [answer]).grounding
    assert (grounding.spurious, grounding.spurious_located) == (1, 1)


def test_an_empty_field_is_one_statement_and_a_missed_item_none() -> None:
    gold = [make_gold("a", {NAMES: ["A", "B"], "law.value": None}), make_gold("b", {NAMES: ["A", "B"]})]
    scores = documents_to_scores(
        gold,
        [
            Prediction("a", {"parties": [], "law": None}, (), {"parties": 0.25, "law": 0.75}),
            Prediction("b", {"parties": [{"name": "A"}]}, (), {"parties": 0.5}, (parts("parties"),)),
        ],
    )
    said = sorted((one.confidence, one.is_right) for one in scores.judgements if one.confidence is not None)
    assert said == [(0.25, False), (0.5, True), (0.75, True)]
    assert (scores.values.samples, scores.statements.samples) == (1, 3)
    assert [one.parts for one in scores.judgements if one.parts] == [parts("parties")]


def test_auroc_is_the_chance_that_right_stands_before_wrong() -> None:
    chance = random.Random(0)
    samples = [Sample(chance.randrange(10) / 10, chance.random() < 0.6) for _ in range(80)]
    pairs = [(one.confidence, two.confidence) for one in samples if one.right for two in samples if not two.right]
    expected = sum(1.0 if one > two else 0.5 if one == two else 0.0 for one, two in pairs) / len(pairs)
    assert auroc(samples) == pytest.approx(expected)
    assert auroc([Sample(0.5, True)]) is None


def test_reliability_and_calibration_error() -> None:
    samples = [Sample(0.95, True)] * 3 + [Sample(0.95, False), Sample(1.0, True), Sample(0.0, False)]
    bins = reliability_bins(samples)
    assert [one.count for one in bins] == [1, *[0] * 8, 5]
    assert (bins[9].confidence, bins[9].accuracy) == (pytest.approx(0.96), 0.8)
    assert samples_to_score(samples).calibration_error == pytest.approx(5 / 6 * 0.16)
    assert samples_to_score([]).calibration_error is None


def test_risk_falls_with_coverage_when_confidence_is_worth_something_and_ties_share_their_errors() -> None:
    samples = [Sample(number / 10, number >= 5) for number in range(10)]
    risks = {one.coverage: one for one in risk_coverage(samples)}
    assert (risks[1.0].error_rate, risks[0.5].error_rate) == (0.5, 0.0)
    assert risks[0.5].threshold == 0.5
    tied = [Sample(0.5, right) for right in (True, False, True, False)]
    assert {one.error_rate for one in risk_coverage(tied)} == {0.5}


def test_two_runs_differ_by_field_and_by_what_changed_in_a_document() -> None:
    gold = [make_gold(name, {"law": "Nevada", NAMES: ["A", "B"]}) for name in "xyz"]

    def run(**laws: str) -> list[Prediction]:
        names = [{"name": "B"}, {"name": "A"}]
        return [Prediction(name, {"law": law, "parties": names}) for name, law in laws.items()]

    before = documents_to_scores(gold, run(x="Nevada", y="Texas", z="Ohio"))
    after = documents_to_scores(gold, run(x="Utah", y="Nevada", z="Ohio"))
    found = compare_scores(before, after)
    assert {one.field: one.difference for one in found.fields} == {"law": 0, NAMES: 0}
    assert [(one.source, one.errors_before, one.errors_after) for one in found.documents] == [("x", 0, 1), ("y", 1, 0)]
    assert [one.value for one in found.documents[0].before] == ["Nevada"]
    assert [one.value for one in found.documents[0].after] == ["Utah"]
