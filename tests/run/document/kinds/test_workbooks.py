"""Jobs of workbooks through all stages: drivers as the gold says, and every number of an answer a cell or a fact."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from helpers.children import warm
from helpers.places import ROOT

from benchmarks.common import json_lines, path_to_document
from qwen_batch.asking.answering import Answering
from qwen_batch.config import Config
from qwen_batch.engine.kinds.null import smallest_instance
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.shards import Shards
from qwen_batch.job.files import JobSource, find_job
from qwen_batch.outcomes import Record
from qwen_batch.reading.document_to_text import ReadTools, make_tools
from qwen_batch.records import Completion, Prompt
from qwen_batch.run.arguments import with_params
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts, engine_stage
from qwen_batch.run.document.work import Work

pytestmark = pytest.mark.subprocess
CAMPAIGNS = ROOT / "data" / "campaigns"
JOB = "campaign_attribution"
GOLD = {Path(one["source"]).name: one["fields"] for one in json_lines(CAMPAIGNS / "gold.jsonl")}
QUESTIONS = """
from pydantic import BaseModel, Field
from qwen_batch import Aggregate, Job


class Answers(BaseModel):
    spend: Aggregate = Field(description="what was spent on Email")
    note: str = Field(max_length=200, description="a note")


JOB = Job(name="questions", schema=Answers, instruction="Answer.", workbook=True)
"""


@dataclass
class FakeWriter:
    """Answers with what it is told, all else with the smallest instance; keeps what it was asked."""

    told: dict[str, Any] = field(default_factory=dict)
    asked: list[Prompt] = field(default_factory=list)

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        self.asked += shard
        return [self._answer(prompt) for prompt in shard]

    def _answer(self, prompt: Prompt) -> Completion:
        text = json.dumps(self.told) if self.told else smallest_instance(prompt.json_schema)
        return Completion(text, "stop", 10, 5)

    def close(self) -> None:
        """Nothing to end."""


@pytest.fixture(scope="module")
def tools() -> Iterator[ReadTools]:
    made = make_tools(Config.model_validate({"cache": {"enabled": False}}))
    with warm(made).isolator:
        yield made


def record(file: Path, source: JobSource, tools: ReadTools, engine: FakeWriter, config: Config) -> Record:
    name = Path(source.path).stem
    plan = replace(engine_plan(config.engine, "null", gpus=0, cpu_dtype="float32"), max_model_len=8192)
    spec = RunSpec(config, (source,), plan, "a-model", {name: "1" * 16})
    jobs, tokenizer = load_jobs(spec), make_tokenizer(spec)
    work = document_to_prompts(Work(path_to_document(file), (name,)), spec, tools, tokenizer, jobs)
    (done,) = asyncio.run(engine_stage([work], Answering(Shards(engine, 4, 4), plan, jobs, tokenizer)))
    outcome = settle_stage(done, spec, jobs, tools.isolator)
    assert outcome.failures == ()
    (found,) = outcome.records
    assert isinstance(found, Record)
    return found


@pytest.mark.parametrize("name", sorted(GOLD))
def test_drivers_are_those_of_the_gold(name: str, tools: ReadTools, null_config: Config, jobs_dir: Path) -> None:
    found = record(CAMPAIGNS / "samples" / name, find_job(JOB, jobs_dir), tools, FakeWriter(), null_config)
    drivers = {one["channel"]: one for one in found.result["drivers"]}
    for at, channel in enumerate(GOLD[name]["drivers[].channel"]):
        for key in ("spend", "result", "cost_per_result", "spend_change", "change", "share_of_change"):
            assert drivers[channel][key] == pytest.approx(GOLD[name][f"drivers[].{key}"][at]), (channel, key)
    assert len(drivers) == len(GOLD[name]["drivers[].channel"])


def test_a_number_of_a_driver_cites_the_cells_of_its_rows(
    tools: ReadTools, null_config: Config, jobs_dir: Path
) -> None:
    file = CAMPAIGNS / "samples" / "phones_zh.xlsx"
    found = record(file, find_job(JOB, jobs_dir), tools, FakeWriter(), null_config)
    change = next(one for one in found.evidence if one.field == "drivers[0].change")
    assert change.match == "computed"
    assert change.cell is not None
    assert change.cell.startswith("Data!E")
    assert change.cell.count("E") == 4  # two regions now, and two before


def test_a_region_is_chosen_by_a_parameter(tools: ReadTools, null_config: Config, jobs_dir: Path) -> None:
    (source,) = with_params([find_job(JOB, jobs_dir)], {"region": "north", "period": "2026-08"})
    engine = FakeWriter()
    found = record(CAMPAIGNS / "samples" / "shoes_en.xlsx", source, tools, engine, null_config)
    rows = [one for one in found.result["lines"] if (one["region"], one["period"]) == ("North", "2026-08")]
    spends = {one["channel"]: one["spend"] for one in found.result["drivers"]}
    assert spends == {one["channel"]: one["spend"] for one in rows}
    assert "region north, 2026-08 against 2026-07" in engine.asked[0].messages[1][1]


def test_a_region_that_is_not_there_is_told_with_those_that_are(
    tools: ReadTools, null_config: Config, jobs_dir: Path
) -> None:
    (source,) = with_params([find_job(JOB, jobs_dir)], {"region": "Mars"})
    found = record(CAMPAIGNS / "samples" / "shoes_en.xlsx", source, tools, FakeWriter(), null_config)
    assert found.result["drivers"] == []
    assert any("no row has region 'Mars'; there is North, South" in one for one in found.warnings)


def test_a_made_up_number_in_prose_is_told(tools: ReadTools, null_config: Config, jobs_dir: Path) -> None:
    name = "tea_en.md"
    spend = GOLD[name]["drivers[].spend"][0]
    channel = GOLD[name]["drivers[].channel"][0]
    item = {"channel": channel, "finding": f"It cost {spend:,.2f} and 77,123.45 more.", "action": None}
    engine = FakeWriter({"drivers": [item], "summary": "It rose."})
    found = record(CAMPAIGNS / "samples" / name, find_job(JOB, jobs_dir), tools, engine, null_config)
    matches = {one.value: one.match for one in found.evidence if one.field == "drivers[0].finding"}
    assert matches[f"{spend:,.2f}"] in ("exact", "computed")
    assert matches["77,123.45"] == "none"
    assert [one for one in found.warnings if "neither a cell nor" in one] == [
        "drivers[].finding: 77,123.45 is neither a cell nor a computed fact"
    ]


def test_slots_become_a_number_with_its_cells(tools: ReadTools, null_config: Config, tmp_path: Path) -> None:
    slots = {
        "sheet": "table 1",
        "function": "sum",
        "column": "Spend",
        "where": [{"column": "Channel", "sign": "=", "value": "Email"}],
        "group_by": None,
    }
    file = tmp_path / "spend.csv"
    file.write_text("Channel,Region,Spend\nEmail,North,10.50\nVideo,North,4\nEmail,South,20\n")
    engine = FakeWriter({"spend": slots, "note": ""})
    found = record(file, JobSource("questions.py", QUESTIONS), tools, engine, null_config)
    assert found.result["spend"]["value"] == 30.5
    (cited,) = [one for one in found.evidence if one.field == "spend.value"]
    assert (cited.match, cited.cell) == ("computed", "C2,C4")
    names = json.loads(engine.asked[0].json_schema or "")["$defs"]["Aggregate"]["anyOf"]
    assert [one["properties"]["column"]["enum"] for one in names] == [["Spend"], ["Channel", "Region", "Spend"]]


def test_slots_that_name_nothing_are_told(tools: ReadTools, null_config: Config, tmp_path: Path) -> None:
    slots = {"sheet": "table 1", "function": "sum", "column": "Spent", "where": [], "group_by": None}
    file = tmp_path / "spend.csv"
    file.write_text("Channel,Region,Spend\nEmail,North,10.50\nVideo,North,4\nEmail,South,20\n")
    engine = FakeWriter({"spend": slots, "note": ""})
    found = record(file, JobSource("questions.py", QUESTIONS), tools, engine, null_config)
    assert found.result["spend"]["value"] is None
    assert any("has no column 'Spent'" in one for one in found.warnings)
