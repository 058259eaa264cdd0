"""Answers of a small job, and what a person decided about them, as the report's page saves it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from helpers.published import evidence, record
from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Amount, Job, Quoted
from qwen_batch.outcomes import Record
from qwen_batch.output.views.reading import latest_rows, rows_to_plain

WHEN = datetime(2026, 1, 2, tzinfo=UTC)


class Fact(Quoted):
    """A fact."""

    value: str = Field(max_length=200)


class Letter(BaseModel):
    """Facts of a letter."""

    law: Fact | None
    total: Amount | None
    items: list[Fact] = Field(max_length=9)


LETTER = Job(name="letter", schema=Letter, instruction="Read.", sampling=EXTRACTION, max_output_tokens=100)


def fact(value: str) -> dict[str, str]:
    return {"quote": f"the {value}", "value": value}


def letter(source: str, law: str | None = "Ohio", items: tuple[str, ...] = ("ink", "pens"), **values: Any) -> Record:
    """An answer, with an evidence for each value."""
    said = [evidence("law.value", law, f"the {law}", 3)] if law else []
    said += [evidence(f"items[{at}].value", item, f"the {item}") for at, item in enumerate(items)]
    result = {
        "law": fact(law) if law else None,
        "total": {"quote": "USD 5", "value": 5.0, "currency": "USD"},
        "items": [fact(item) for item in items],
    }
    scores = {"law": 0.5, "total": 0.5, "items": 0.4, "record": 0.45}
    return record(LETTER, source, result, **{"evidence": tuple(said), "confidence": scores} | values)


def decision(path: str, old: Any, new: Any = None, source: str = "a.txt", **values: Any) -> dict[str, Any]:
    """A decision on a value of the first run: `accept` without a new value, unless it says otherwise."""
    return {
        "doc_id": f"id-{source}",
        "source_uri": f"/in/{source}",
        "job": "letter",
        "path": path,
        "old_value": old,
        "new_value": new,
        "decision": "accept" if new is None else "correct",
        "who": "Ann",
        "when": WHEN.isoformat(),
        "run_id": "run1",
        "job_fingerprint": "f" * 16,
    } | values


def later(minutes: int = 1) -> str:
    return (WHEN + timedelta(minutes=minutes)).isoformat()


def save(folder: Path, *decisions: dict[str, Any]) -> Path:
    """The file that the page saves."""
    content = {"version": 1, "output": "/out", "saved_at": WHEN.isoformat(), "corrections": decisions}
    path = folder / "corrections.json"
    path.write_text(json.dumps(content))
    return path


def latest(output: Path | str, source: str = "a.txt") -> dict[str, Any]:
    """The row of a letter that `latest` shows."""
    (row,) = [row for row in rows_to_plain(latest_rows(output, "letter")) if row["source_uri"] == f"/in/{source}"]
    return row


def said(row: dict[str, Any], path: str) -> list[tuple[Any, ...]]:
    """Value, match and standing of the evidence at a path."""
    return [(one["value"], one["match"], one["standing"]) for one in row["evidence"] if one["field"] == path]
