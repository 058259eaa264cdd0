"""json_schema: a JSON Schema file as a job, and what of it cannot be one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qwen_batch.errors import JobError
from qwen_batch.job.definition import job_schema
from qwen_batch.job.files import JobSource, find_job, job_names, load_job
from qwen_batch.job.json_schema import schema_to_job

INVOICE = {
    "title": "An invoice",
    "type": "object",
    "properties": {
        "vendor": {"type": "string", "maxLength": 80, "description": "who is paid"},
        "due": {"type": ["string", "null"], "format": "date"},
        "total": {"$ref": "#/$defs/money", "description": "sum to pay"},
        "paid": {"type": "boolean"},
        "kind": {"enum": ["invoice", "credit"]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 20}, "maxItems": 3},
        "lines": {
            "type": "array",
            "maxItems": 50,
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
            },
        },
        "contact": {
            "type": "object",
            "properties": {
                "person": {"type": "string"},
                "address": {"type": "object", "properties": {"street": {"type": "string"}, "town": {"type": "string"}}},
            },
        },
    },
    "$defs": {
        "money": {"type": "object", "properties": {"amount": {"type": "number"}, "currency": {"type": "string"}}}
    },
}


def loaded(schema: Any, name: str = "invoice") -> Any:
    return load_job(JobSource(f"{name}.py", schema_to_job(name, json.dumps(schema), "a.json")))


def wrong(properties: dict[str, Any], **more: Any) -> JobError:
    with pytest.raises(JobError) as caught:
        loaded({"type": "object", "properties": properties, **more})
    return caught.value


def test_each_value_of_a_schema_becomes_a_fact_with_its_words() -> None:
    job = loaded(INVOICE)
    answer = {
        "vendor": {"quote": "Roof Ltd", "value": "Roof Ltd"},
        "due": {"quote": "by 3 May 2026", "date": "2026-05-03", "original": "3 May 2026"},
        "total": {"quote": "EUR 12.50", "amount": 12.5, "currency": "EUR"},
        "paid": {"quote": "PAID", "value": True},
        "kind": {"quote": "Invoice", "value": "invoice"},
        "tags": [{"quote": "roof", "value": "roof"}],
        "lines": [{"quote": "2 tiles", "text": "tiles", "count": 2}],
        "contact": {
            "person": {"quote": "Ms Fox", "value": "Fox"},
            "address": {"quote": "1 Way, Bath", "street": "1 Way", "town": "Bath"},
        },
    }
    assert job.schema.model_validate(answer).model_dump(mode="json") == answer
    assert job_schema(job)["properties"]["vendor"]["description"] == "who is paid"
    assert "An invoice" in job.instruction
    assert job.max_output_tokens % 100 == 0


def test_everything_may_be_absent() -> None:
    job = loaded(INVOICE)
    empty = {name: [] if name in {"tags", "lines"} else None for name in INVOICE["properties"]}  # type: ignore[attr-defined]
    assert job.schema.model_validate(empty).model_dump(mode="json") == empty


def test_bounds_hold() -> None:
    job = loaded(INVOICE)
    count = job_schema(job)["$defs"]["Lines"]["properties"]["count"]
    assert {"type": "integer", "minimum": 1} in count["anyOf"]
    assert job_schema(job)["properties"]["lines"]["maxItems"] == 50


def test_a_schema_in_the_jobs_folder_is_a_job_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "invoice.json").write_text(json.dumps(INVOICE))
    (tmp_path / "note.py").write_text("JOB = None")
    assert job_names(tmp_path) == ["invoice", "note"]
    source = find_job("invoice", tmp_path)
    assert load_job(source).name == "invoice"
    assert find_job(str(tmp_path / "invoice.json"), Path("nowhere")) == source


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"a": {"type": "string", "format": "email"}}, "a has the format 'email'"),
        ({"a-b": {"type": "string"}}, "a-b cannot be a field's name"),
        ({"class": {"type": "string"}}, "class cannot be a field's name"),
        ({"a": {"oneOf": [{"type": "string"}]}}, "a uses oneOf"),
        ({"a": {"anyOf": [{"type": "string"}, {"type": "number"}]}}, "a may be 2 things"),
        ({"a": {"$ref": "#/$defs/no"}}, "a refers to #/$defs/no, which is not there"),
        ({"a": {"$ref": "other.json"}}, "a refers to other.json"),
        ({"a": {}}, "a is of type None"),
        ({"a": {"type": "array"}}, "a[] is of type None"),
        ({"a": True}, "a is no schema"),
        ({}, "the schema has no properties"),
    ],
)
def test_what_cannot_be_asked_is_named_with_a_remedy(properties: dict[str, Any], said: str) -> None:
    error = wrong(properties)
    assert f"a.json: {said}" in error.message
    assert error.remedy


def test_a_ring_of_references_is_refused() -> None:
    ring = {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}
    assert "deeper than" in wrong({"first": {"$ref": "#/$defs/node"}}, **{"$defs": ring}).message
    assert "refers to itself" in wrong({"a": {"$ref": "#/$defs/a"}}, **{"$defs": {"a": {"$ref": "#/$defs/a"}}}).message


def test_a_file_that_is_no_json_is_named_with_its_line() -> None:
    with pytest.raises(JobError, match=r"a\.json, line 2: no JSON"):
        schema_to_job("a", '{\n"x": }', "a.json")


def test_an_unknown_key_of_ours_is_refused() -> None:
    assert "x-fit is not known" in wrong({"a": {"type": "string"}}, **{"x-fit": "an invoice"}).message
    job = loaded({"type": "object", "properties": {"a": {"type": "string"}}, "x-fits": "an invoice"})
    assert job.fits == "an invoice"
