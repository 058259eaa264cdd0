"""report.files: figures as JSON, and what documents say as text that changes no page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.published import evidence

from qwen_batch.errors import OutputError
from qwen_batch.evaluate.compare import compare_scores
from qwen_batch.evaluate.evaluation import Evaluation
from qwen_batch.evaluate.gold import GoldEvidence, make_gold
from qwen_batch.evaluate.judge import Prediction
from qwen_batch.evaluate.report.files import (
    REPORTS,
    evaluation_to_json,
    markdown_cell,
    render,
    share,
    signed,
    write_reports,
)
from qwen_batch.evaluate.score import Scores, documents_to_scores

GOLD = (
    make_gold("a.pdf", {"law": "Nevada", "rent": 10}, {"law": [GoldEvidence(3, "laws of Nevada")]}),
    make_gold("gone.pdf", {"law": "Texas"}),
)


def scores_of(law: str, rent: float = 10.0) -> Scores:
    found = evidence("law", law, f"the laws of {law}", 3)
    return documents_to_scores(GOLD, [Prediction("/in/a.pdf", {"law": law, "rent": rent}, (found,), {"law": 0.8})])


def evaluation(scores: Scores) -> Evaluation:
    return Evaluation("gold.jsonl", "out", "lease", ("null",), scores)


def test_json_has_every_figure_and_judgement_and_is_json() -> None:
    content = evaluation_to_json(evaluation(scores_of("Nevada", rent=11.0)))
    content = json.loads(json.dumps(content))
    assert {name: content[name] for name in ("gold", "output", "job", "documents")} == {
        "gold": "gold.jsonl",
        "output": "out",
        "job": "lease",
        "documents": 2,
    }
    assert content["confidence"]["values"]["samples"] == 1
    assert content["micro"]["right"] == content["micro"]["wrong"] == content["micro"]["missed"] == 1
    assert content["micro"]["errors"] == 2
    assert content["fields"]["law"]["recall"] == 0.5
    assert content["grounding"]["page_accuracy"] == content["grounding"]["span_accuracy"] == 1
    assert content["missing"] == ["gone.pdf"]
    by_source = {one["source"]: one for one in content["per_document"]}
    assert by_source["gone.pdf"]["row"] is None
    law, rent = by_source["a.pdf"]["judgements"]
    assert (law["outcome"], law["quote"], law["page"], law["match"]) == ("right", "the laws of Nevada", 3, "exact")
    assert (law["confidence"], law["page_right"], law["span_right"]) == (0.8, True, True)
    assert (rent["outcome"], rent["value"], rent["gold"], rent["quote"]) == ("wrong", 11.0, 10, None)
    assert {"comparison", "calibration"}.isdisjoint(content)


def test_a_comparison_stands_beside_with_what_each_run_has_alone() -> None:
    before, after = scores_of("Utah"), scores_of("Nevada")
    compared = replace(evaluation(after), other="before", comparison=compare_scores(before, after))
    found = evaluation_to_json(compared)["comparison"]
    assert found["other"] == "before"
    assert found["fields"]["law"] == pytest.approx({"f1_before": 0.0, "f1_after": 2 / 3, "difference": 2 / 3})
    (changed,) = found["documents"]
    assert [one["value"] for one in changed["before"]] == ["Utah"]
    assert [one["value"] for one in changed["after"]] == ["Nevada"]
    assert "Against before" in render(compared, "report.md")


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_names_wrong_values_and_documents_without_a_row(name: str) -> None:
    text = render(evaluation(scores_of("Utah")), name)
    for words in ("Utah", "Nevada", "gone.pdf", "lease"):
        assert words in text


def test_reports_are_written_whole_into_a_folder_that_is_made(tmp_path: Path) -> None:
    paths = write_reports(evaluation(scores_of("Nevada")), tmp_path / "new" / "r")
    assert [path.name for path in paths] == list(REPORTS)
    assert paths[0].read_text("utf-8") == render(evaluation(scores_of("Nevada")), "report.md")


def test_a_file_where_the_folder_should_be_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("")
    with pytest.raises(OutputError, match="r: ") as caught:
        write_reports(evaluation(scores_of("Nevada")), tmp_path / "r")
    assert "--report" in caught.value.remedy


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, "–"),
        (1.5, "1.5"),
        ("a | b", r"a \| b"),
        ("two\n lines", "two lines"),
        ("<b> & *c*", r"&lt;b&gt; &amp; \*c\*"),
        ("_emphasis_ but snake_case", r"\_emphasis\_ but snake_case"),
        ("[a](b) `c` #d \\e", r"\[a\](b) \`c\` \#d \\e"),
    ],
)
def test_a_cell_holds_what_a_document_says_and_nothing_of_it_works(value: object, cell: str) -> None:
    assert markdown_cell(value) == cell


def test_shares_and_differences_have_three_places_and_a_dash_for_the_unknown() -> None:
    assert (share(0.87349), share(1), share(None)) == ("0.873", "1.000", "–")
    assert (signed(0.0421), signed(-0.5), signed(None)) == ("+0.042", "-0.500", "–")
