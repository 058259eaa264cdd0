"""Lists taken from tables through all stages of a run, with an engine that counts what it is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from helpers.children import warm

from benchmarks.common import ROOT, SAMPLES, json_lines, path_to_document
from benchmarks.rows.made import HEADS, Kind, PriceRow, price_rows, write_list
from benchmarks.rows.score import row_score
from qwen_batch.asking.answering import Answering
from qwen_batch.config import Config
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.kinds.null import smallest_instance
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.shards import Shards
from qwen_batch.job.files import find_job
from qwen_batch.outcomes import Record
from qwen_batch.reading.document_to_text import ReadTools, make_tools
from qwen_batch.records import Completion, Prompt
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts, engine_stage
from qwen_batch.run.document.work import Work

pytestmark = pytest.mark.subprocess
ROWS = price_rows(30)
TOLD = {"item": "Ref.", "name": "Goods", "unit": "Per", "price": "Each", "valid_from": "As of"}


@dataclass
class FakeTeller:
    """Answers questions on layouts by `told`, all else with the smallest instance; keeps what it was asked."""

    told: dict[str, str] = field(default_factory=dict)
    asked: list[Prompt] = field(default_factory=list)

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        self.asked += shard
        return [self._answer(prompt) for prompt in shard]

    def _answer(self, prompt: Prompt) -> Completion:
        keys = json.loads(prompt.json_schema or "{}")["properties"]
        if "lines" in keys or not self.told:
            return Completion(smallest_instance(prompt.json_schema), "stop", 10, 0)
        held = {column: key for key, column in self.told.items()}
        said = {
            "columns": {column: held.get(column, "other") for column in keys["columns"]["properties"]},
            "fields": {key: self.told[key] for key in keys["fields"]["properties"]},
        }
        return Completion(json.dumps(said), "stop", 10, 8, logprobs=(-0.1,) * 8)

    def close(self) -> None:
        """Nothing to end."""


@dataclass
class Stages:
    """All stages of a run in this process."""

    spec: RunSpec
    tools: ReadTools

    def record(self, *files: Path, engine: FakeTeller, job: str = "price_list") -> list[Record]:
        jobs, tokenizer = load_jobs(self.spec), make_tokenizer(self.spec)
        answering = Answering(Shards(engine, 4, 4), self.spec.plan, jobs, tokenizer)
        works = [
            document_to_prompts(Work(path_to_document(one), (job,)), self.spec, self.tools, tokenizer, jobs)
            for one in files
        ]
        done = asyncio.run(engine_stage(works, answering))
        outcomes = [settle_stage(one, self.spec, jobs, self.tools.isolator) for one in done]
        assert [one.failures for one in outcomes] == [()] * len(files)
        return [record for one in outcomes for record in one.records if isinstance(record, Record)]


@pytest.fixture
def stages(null_config: Config, jobs_dir: Path) -> Stages:
    plan: EnginePlan = engine_plan(null_config.engine, "null", gpus=0, cpu_dtype="float32")
    jobs = ("price_list", "invoice_receipt")
    sources = tuple(find_job(name, jobs_dir) for name in jobs)
    spec = RunSpec(null_config, sources, plan, "null", dict.fromkeys(jobs, "f" * 16))
    return Stages(spec, warm(make_tools(null_config)))


@pytest.fixture
def listed(tmp_path: Path) -> Callable[..., Path]:
    def write(kind: Kind, rows: Sequence[PriceRow] = ROWS, head: str = "en", name: str = "list") -> Path:
        return write_list(tmp_path / f"{name}.{kind}", kind, rows, HEADS[head])

    return write


@pytest.mark.parametrize("kind", ["xlsx", "csv", "docx", "html", "ruled.pdf", "unruled.pdf"])
def test_a_clear_list_is_taken_whole_without_a_call(kind: Kind, stages: Stages, listed: Callable[..., Path]) -> None:
    engine = FakeTeller()
    (record,) = stages.record(listed(kind), engine=engine)
    score = row_score(ROWS, record.result["lines"], record.warnings)
    assert (score.exact, score.extra, engine.asked) == (30, 0, [])
    assert record.result["count"] == 30
    assert record.result["highest"] == max(float(row.price) for row in ROWS)
    assert record.incomplete == ()


def test_a_chinese_list_is_taken_too(stages: Stages, listed: Callable[..., Path]) -> None:
    rows = price_rows(12, language="zh")
    (record,) = stages.record(listed("xlsx", rows, "zh"), engine=FakeTeller())
    assert row_score(rows, record.result["lines"], record.warnings).exact == 12


def test_a_value_cites_its_cell_in_the_sheet_and_its_box_on_the_page(
    stages: Stages, listed: Callable[..., Path]
) -> None:
    (sheet,) = stages.record(listed("xlsx"), engine=FakeTeller())
    cited = {one.field: one for one in sheet.evidence}
    assert cited["lines[0].price"].cell == "Prices!E4"
    assert cited["lines[29].item"].cell == "Prices!B33"
    assert cited["lines[4].name"].quote == ROWS[4].description
    (page,) = stages.record(listed("unruled.pdf"), engine=FakeTeller())
    price = next(one for one in page.evidence if one.field == "lines[2].price")
    (box,) = price.boxes
    assert (price.page, 380 < box.x0 < box.x1 < 460) == (1, True)


def test_unclear_names_cost_one_call_a_layout_however_many_documents_have_it(
    stages: Stages, listed: Callable[..., Path]
) -> None:
    engine = FakeTeller(TOLD)
    files = [listed("csv", price_rows(20, seed), "unclear", f"list{seed}") for seed in (1, 2, 3)]
    records = stages.record(*files, engine=engine)
    assert len(engine.asked) == 1
    assert [len(record.result["lines"]) for record in records] == [20, 20, 20]
    assert [record.prompt_tokens for record in records] == [10, 0, 0]
    assert records[0].confidence["lines"] == pytest.approx(0.905, abs=0.01)


def test_an_engine_that_tells_nothing_takes_no_column_at_random(stages: Stages, listed: Callable[..., Path]) -> None:
    engine = FakeTeller()
    (record,) = stages.record(listed("csv", head="unclear"), engine=engine)
    assert record.result["lines"] == []
    assert "lines" in json.loads(engine.asked[-1].json_schema or "")["properties"]


def test_a_column_that_does_not_read_as_the_field_is_not_it(stages: Stages, listed: Callable[..., Path]) -> None:
    engine = FakeTeller({**TOLD, "price": "Goods", "name": "Ref.", "item": "-"})
    (record,) = stages.record(listed("csv", head="unclear"), engine=engine)
    assert record.result["lines"] == []


def test_rows_that_are_left_out_are_told(stages: Stages, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Item,Description,Price\nA1,ink,1.50\nA2,pen,on request\nA3,cap,2.00\n,Total,3.50\n")
    (record,) = stages.record(path, engine=FakeTeller())
    assert [one["item"] for one in record.result["lines"]] == ["A1", "A3"]
    assert record.incomplete == ("lines",)
    (rows, cells) = record.warnings
    assert rows.startswith("lines: 2 of 4 rows; left out: ")
    assert "1 of totals (A5: 'Total | 3.50')" in rows
    assert "1 without price (A3: 'A2 | pen | on request')" in rows
    assert cells == "lines[].price: 1 cells say no value of it: 'on request' on page 1"


def test_without_a_table_the_list_is_asked_and_held_against_the_numbering(stages: Stages, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("We sell:\n1. ink at 1.50\n2. pens at 2.00\n3. caps at 3.00\n")

    class FakeReader(FakeTeller):
        def _answer(self, prompt: Prompt) -> Completion:
            line: dict[str, Any] = {"item": None, "name": "ink", "unit": None, "price": 1.5, "currency": None}
            text = json.dumps({"lines": [{**line, "valid_from": None}]})
            return Completion(text, "stop", 10, 5)

    (record,) = stages.record(path, engine=FakeReader())
    assert len(record.result["lines"]) == 1
    assert record.warnings == ("lines: 1 of 3: the document numbers 3 items",)
    assert record.incomplete == ("lines",)


@pytest.mark.parametrize(
    ("job", "sample"), [("price_list", "price_list_en.csv"), ("invoice_receipt", "invoice_en.html")]
)
def test_what_needs_no_model_in_the_samples_is_as_gold_says(job: str, sample: str, stages: Stages) -> None:
    (record,) = stages.record(SAMPLES / "lists" / sample, engine=FakeTeller(), job=job)
    (gold,) = json_lines(ROOT / "data" / "gold" / f"{job}.jsonl")
    fields = {path: value for path, value in gold["fields"].items() if path.startswith(("lines", "count"))}
    assert len(fields) >= 2
    for path, value in fields.items():
        field, _, key = path.partition("[].")
        said = record.result[field]
        assert ([one[key] for one in said] if key else said) == value
    assert record.warnings == ()


def test_an_invoice_whose_lines_do_not_add_up_says_so(stages: Stages, tmp_path: Path) -> None:
    page = (SAMPLES / "lists" / "invoice_en.html").read_text("utf-8")
    path = tmp_path / "invoice.html"
    path.write_text(page.replace(">122.50<", ">125.20<"))
    (record,) = stages.record(path, engine=FakeTeller(), job="invoice_receipt")
    (warning,) = record.warnings
    assert warning.startswith(
        "check amounts: lines[].amount == round(lines[].quantity * lines[].price, 2) does not hold"
    )
    assert "for item 2: lines[].amount is 125.2 (page 1: '125.20'), but" in warning
    assert "122.50 (page 1: '2'; page 1: '61.25')" in warning
