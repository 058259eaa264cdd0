from __future__ import annotations

import json
from typing import Any

import pytest

from qwen_batch.errors import UsageError
from qwen_batch.output.corrections.file import json_to_corrections

ONE: dict[str, Any] = {
    "doc_id": "d", "source_uri": "/in/a", "job": "letter", "path": "law.value",
    "old_value": "Ohio", "new_value": "Utah",
    "decision": "correct", "who": "Ann", "when": "2026-01-01T00:00:00Z", "run_id": "r", "job_fingerprint": "f",
    "pointed": {"page": 1, "words": "Utah", "boxes": [{"x0": 1, "y0": 2, "x1": 3, "y1": 4}]},
}  # fmt: skip


def file(**changes: Any) -> bytes:
    content = {"version": 1, "output": "/out", "saved_at": "2026-01-01T00:00:00Z", "corrections": [ONE | changes]}
    return json.dumps(content).encode()


def test_a_correction_reads() -> None:
    (one,) = json_to_corrections(file(), "c.json").corrections
    assert (one.new_value, one.pointed and one.pointed.boxes[0].x1) == ("Utah", 3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decision": "maybe"}, "corrections.0.decision"),
        ({"decision": "accept"}, "law.value"),
        ({"new_value": None}, "law.value"),
        ({"colour": "red"}, "corrections.0.colour"),
        ({"path": ""}, "corrections.0.path"),
        ({"pointed": {"page": 0, "words": "x"}}, "corrections.0.pointed.page"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said.replace(".", r"\.")) as error:
        json_to_corrections(file(**changes), "c.json")
    assert "c.json" in error.value.message
    assert "Review" in error.value.remedy


def test_a_file_that_is_no_json_is_an_error_and_no_crash() -> None:
    with pytest.raises(UsageError, match="the file"):
        json_to_corrections(b"nothing", "c.json")
