"""Gold of what people decided, and what the model had answered before they did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.decided import LETTER, decision, letter, save
from helpers.published import parts, publish_run

from qwen_batch.cli import exit_code_of
from qwen_batch.errors import EXIT_OK, EXIT_USAGE, UsageError
from qwen_batch.evaluate.decided import decisions_to_gold
from qwen_batch.evaluate.output import output_to_answers
from qwen_batch.evidence.calibration import Calibration
from qwen_batch.run.apply import apply_corrections

WORDS = {"page": 2, "words": "laws of Utah", "boxes": []}
NAMES = ("a.txt", "b.txt", "c.txt")


@pytest.fixture(params=["parquet", "jsonl"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def with_parts(name: str, law: str | None = "Ohio", token: float = 0.9, **values: Any) -> Any:
    said = tuple(parts(field, token=token) for field in ("law", "total", "items"))
    return letter(name, law, confidence_parts=said, **values)


@pytest.fixture
def output(tmp_path: Path, form: str) -> Path:
    """Utah for Ohio in a, Ohio accepted in b, no law in c; one item of a corrected, one of b rejected."""
    publish_run(tmp_path / "out", LETTER, [with_parts(name) for name in NAMES], form=form)
    file = save(
        tmp_path,
        decision("law.value", "Ohio", "Utah", pointed=WORDS),
        decision("law.value", "Ohio", source="b.txt"),
        decision("law.value", "Ohio", decision="reject", source="c.txt"),
        decision("items[1].value", "pens", "pencils"),
        decision("items[0].value", "ink", decision="reject", source="b.txt"),
        decision("total.value", 5, 7, source="b.txt"),
    )
    apply_corrections(str(tmp_path / "out"), file)
    return tmp_path / "out"


def evaluate(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert exit_code_of(["eval", *arguments, "--format", "json"]) == EXIT_OK
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return printed


def counts(found: dict[str, Any]) -> dict[str, dict[str, int]]:
    names = ("right", "wrong", "spurious", "missed", "absent")
    return {field: {name: one[name] for name in names if one[name]} for field, one in found["fields"].items()}


def answer_again(output: Path, form: str, law: str) -> None:
    again = [with_parts(name, law, job_fingerprint="9" * 16) for name in NAMES]
    publish_run(output, LETTER, again, run_id="run2", form=form)


def test_gold_is_what_was_decided_and_nothing_else(output: Path) -> None:
    gold = {one.source: one for one in decisions_to_gold(str(output), "letter", {"id-a.txt": "/in/a.txt"})}
    assert set(gold) == {"/in/a.txt", "id-b.txt", "id-c.txt"}
    said = gold["/in/a.txt"]
    assert {path: [one.accepted for one in values] for path, values in said.fields.items()} == {
        "law.value": [("Utah",)],
        "items[].value": [("pencils",)],
    }
    assert said.denied == {"law.value": ("Ohio",), "items[].value": ("pens",)}
    assert said.partial == {"items[].value"}
    assert [(one.page, one.quote) for one in said.evidence["law.value"]] == [(2, "laws of Utah")]
    assert gold["id-c.txt"].fields == {"law.value": ()}


def test_the_models_answers_are_judged_not_the_persons(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = evaluate(capsys, str(output), "--gold-from", str(output))
    assert counts(found) == {
        "law.value": {"right": 1, "wrong": 1, "spurious": 1},
        "items[].value": {"wrong": 1, "spurious": 1},
        "total.value": {"wrong": 1},
    }
    (wrong,) = [one for one in found["per_document"] if one["source"] == "/in/a.txt"]
    assert [one["value"] for one in wrong["judgements"]] == ["Ohio", "pens"]
    assert found["gold"].startswith("what people decided in ")


def test_a_model_that_answers_as_the_person_did_is_right(
    output: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_again(output, form, "Utah")
    found = evaluate(capsys, str(output), "--gold-from", str(output))
    assert counts(found)["law.value"] == {"right": 1, "wrong": 1, "spurious": 1}
    publish_run(output.parent / "other", LETTER, [with_parts("a.txt", "Utah", items=("pencils", "ink"))], form=form)
    found = evaluate(capsys, str(output.parent / "other"), "--gold-from", str(output))
    assert counts(found) == {
        "law.value": {"right": 1, "missed": 1},
        "items[].value": {"right": 1},
        "total.value": {"missed": 1},
    }
    assert found["missing"] == ["id-b.txt", "id-c.txt"]


def test_answers_are_as_the_model_gave_them(output: Path, form: str) -> None:
    before = {one.source: one.result for one in output_to_answers(str(output), "letter")}
    assert before["/in/a.txt"] == letter("a.txt").result
    assert before["/in/c.txt"]["law"]["value"] == "Ohio"
    assert [one["value"] for one in before["/in/b.txt"]["items"]] == ["pens", "ink"]
    assert before["/in/b.txt"]["total"]["value"] == 5.0
    answer_again(output, form, "Texas")
    after = {one.source: one for one in output_to_answers(str(output), "letter")}
    assert {one.result["law"]["value"] for one in after.values()} == {"Texas"}
    (said,) = [one for one in after["/in/a.txt"].evidence if one.field == "law.value"]
    assert (said.value, said.match) == ("Texas", "exact")


def test_what_the_model_left_out_was_not_its_answer(tmp_path: Path, form: str) -> None:
    one = letter("a.txt", None)
    out = tmp_path / "out"
    publish_run(out, LETTER, [one], form=form)
    apply_corrections(str(out), save(tmp_path, decision("law.value", None, "Utah")))
    (found,) = output_to_answers(str(out), "letter")
    assert found.result["law"]["value"] is None
    assert found.evidence == one.evidence


def test_reviewing_improves_the_calibration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Values of a low token probability were corrected, the others accepted: the fit learns which is which."""
    names = [f"{number:02}.txt" for number in range(40)]
    said = [with_parts(name, token=0.95 if number % 2 else 0.6) for number, name in enumerate(names)]
    out = tmp_path / "out"
    publish_run(out, LETTER, said)
    decisions = [
        decision("law.value", "Ohio", None if number % 2 else "Utah", source=name) for number, name in enumerate(names)
    ]
    apply_corrections(str(out), save(tmp_path, *decisions))
    file = tmp_path / "calibration.json"
    found = evaluate(capsys, str(out), "--gold-from", str(out), "--calibrate", str(file))
    fitted = found["calibration"]["cross_validation"]
    assert fitted["calibration_error_after"] < fitted["calibration_error_before"]
    assert fitted["error_rate"] == 0.5
    calibration = Calibration.model_validate_json(file.read_text())
    low, high = (calibration.confidence(parts("law", token=token)) for token in (0.6, 0.95))
    assert low < 0.3
    assert high > 0.7


def test_a_calibration_by_a_gold_file_learns_of_the_models_answers_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    publish_run(out, LETTER, [with_parts(name) for name in NAMES])
    apply_corrections(str(out), save(tmp_path, decision("law.value", "Ohio", "Utah")))
    gold = tmp_path / "gold.jsonl"
    lines = [{"source": name, "fields": {"law.value": "Utah" if name == "a.txt" else "Ohio"}} for name in NAMES]
    gold.write_text("\n".join(map(json.dumps, lines)))
    found = evaluate(capsys, str(gold), str(out), "--calibrate", str(tmp_path / "c.json"))
    assert counts(found) == {"law.value": {"right": 3}}
    assert found["calibration"]["counts"]["pooled"] == {"values": 3, "wrong": 1}


def test_decisions_about_other_bytes_are_no_gold(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish_run(out, LETTER, [letter("a.txt")])
    with pytest.raises(UsageError, match="nobody decided") as caught:
        decisions_to_gold(str(out), "letter", {})
    assert "qwen-batch apply" in caught.value.remedy


def test_gold_and_gold_from_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["out"], ["gold.jsonl", "out", "--gold-from", "out"]):
        assert exit_code_of(["eval", *arguments]) == EXIT_USAGE
        assert "--gold-from" in capsys.readouterr().err
