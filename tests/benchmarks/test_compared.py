"""compared: rules find all that is planted in the product papers, if a model reads these without fault."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from helpers.places import ROOT
from helpers.runs import request_for, run
from helpers.told import FakeTold, told_machinery

from benchmarks.answers.compared import GOLD, scores, table
from qwen_batch.config import Config
from qwen_batch.output.views.reading import latest_records

pytestmark = pytest.mark.subprocess

PAPERS = ROOT / "data" / "products" / "papers"


def read_without_fault() -> dict[str, dict[str, Any]]:
    """By product the answer of a model that names every aspect as the gold does, and quotes what the paper says."""
    facts: dict[str, list[dict[str, str]]] = defaultdict(list)
    for item in gold():
        for cell in item["said"]:
            quote = f"| {cell['quote']} |" if cell["form"] == "table" else cell["quote"]
            fact = {"quote": quote, "product": cell["about"], "aspect": item["aspect"], "value": cell["value"]}
            facts[cell["source"]].append(fact)
    names = {"voltara_p1.md": "Voltara P1", "nimbus_core.html": "Nimbus Core", "heliodor_go.md": "Heliodor Go"}
    return {
        f"{names[source]}: product paper": {"product": names[source], "facts": said} for source, said in facts.items()
    }


def gold() -> list[dict[str, Any]]:
    return [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]


def test_rules_find_all_that_is_planted_and_invent_nothing(tmp_path: Path, null_config: Config, jobs_dir: Path) -> None:
    answers = read_without_fault()

    def facts(shown: str) -> dict[str, Any]:
        return next(answer for title, answer in answers.items() if title in shown)

    def suggestions(shown: str) -> dict[str, Any]:
        start = shown.find("- weight:")
        if start < 0:  # a part that begins behind the differences
            return {"suggestions": []}
        quote = shown[start + 2 : start + 60]
        return {"suggestions": [{"quote": quote, "product": "Heliodor Go", "text": "It is the lightest."}]}

    engine = FakeTold({"product_facts": facts, "compare_documents": suggestions})
    request = request_for(PAPERS, tmp_path / "out", null_config, jobs_dir, "compare_documents")
    assert run(request, told_machinery(engine)).rows == {"product_facts": 3, "compare_documents": 1, "failures": 0}
    (row,) = latest_records(tmp_path / "out", "compare_documents")
    found = scores(row, gold())
    print(table(found))  # noqa: T201
    assert {one.kind: (one.planted, one.found, one.given) for one in found} == {
        "difference": (30, 30, 30),
        "agreement": (20, 20, 20),
        "conflict": (5, 5, 5),
        "all": (55, 55, 55),
    }
    assert found[-1].cited == 55
    assert row["result"]["products"] == ["Heliodor Go", "Nimbus Core", "Voltara P1"]
    cited = [one for one in row["evidence"] if one["field"] == "suggestions[0].text"]
    assert {one["document"] for one in row["result"]["aspects"][0]["said"]} == {
        one["source_uri"].rpartition("/")[2] for one in cited
    }
