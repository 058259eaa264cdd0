"""names: the grammar has the names of this document, and xgrammar holds a model to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers.sheets import sheet
from pydantic import BaseModel, Field

from qwen_batch import Aggregate, Job
from qwen_batch.asking.workbook.names import schema_with_names
from qwen_batch.job.definition import job_schema

pytestmark = pytest.mark.vllm
SHEET = sheet(("Day", "Channel", "Spend"), [("2026-08-01", "Email", "1.50"), ("2026-08-02", "Video", "2.00")])


class Answers(BaseModel):
    spend: Aggregate = Field(description="what was spent")


JOB = Job("answers", Answers, "Answer.", workbook=True)
GOOD: dict[str, Any] = {
    "sheet": "S",
    "function": "sum",
    "column": "Spend",
    "where": [{"column": "Channel", "sign": "=", "value": "Email"}],
    "group_by": None,
}


def accepts(slots: dict[str, Any]) -> bool:
    xgrammar = pytest.importorskip("xgrammar")
    tokens = xgrammar.TokenizerInfo([bytes([byte]) for byte in range(256)] + [b"<end>"], stop_token_ids=[256])
    schema = schema_with_names(job_schema(JOB), [SHEET], {})
    matcher = xgrammar.GrammarMatcher(
        xgrammar.GrammarCompiler(tokens).compile_json_schema(schema, any_whitespace=False)
    )
    return bool(matcher.accept_string(json.dumps({"spend": slots})) and matcher.accept_token(256))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"where": []},
        {"group_by": "Channel"},
        {"group_by": "Day by month"},
        {"function": "count", "column": "Channel"},
        {"where": [{"column": "Spend", "sign": ">=", "value": "-1.5"}]},
        {"where": [{"column": "Day", "sign": "<", "value": "2026-08-02"}]},
    ],
)
def test_the_names_of_the_document_go(change: dict[str, Any]) -> None:
    assert accepts({**GOOD, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"sheet": "T"},
        {"column": "Spent"},
        {"column": "Channel"},
        {"group_by": "Spend"},
        {"where": [{"column": "Channel", "sign": "=", "value": "Radio"}]},
        {"where": [{"column": "Channel", "sign": "<", "value": "Email"}]},
        {"where": [{"column": "Spend", "sign": ">", "value": "much"}]},
    ],
)
def test_other_names_do_not(change: dict[str, Any]) -> None:
    assert not accepts({**GOOD, **change})
