"""Long documents through the stages, without a model: chunks, answers, prose, evidence and gaps become one row."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.children import warm_isolator

from qwen_batch.asking.answering import Answering
from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.engine.kinds.null import ENGINE, smallest_instance
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.shards import Shards
from qwen_batch.job.files import find_job
from qwen_batch.outcomes import Failure, Record
from qwen_batch.records import Answer, Box, CleanDocument, Completion, Document, LineSpan, Prompt
from qwen_batch.run.document.prompting import prompt_stage
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import engine_stage
from qwen_batch.run.document.work import Work

JOB = """
import datetime as dt
from typing import Annotated
from pydantic import BaseModel, Field
from qwen_batch import MUST_BE_GROUNDED, Job, Quoted, Reduce


class Fact(Quoted):
    value: str = Field(max_length=60)


class Notice(BaseModel):
    first: Fact | None = Field(description="first")
    law: Annotated[Fact | None, MUST_BE_GROUNDED] = Field(description="law")
    marks: list[Fact] = Field(max_length=200, description="marks")
    summary: str = Field(max_length=200, description="the whole in a sentence")


JOB = Job("notice", Notice, "Read the notice.", max_output_tokens=400)
"""
LAST_MARK = """
from typing import Literal


class Last(BaseModel):
    quote: Literal["{}"]
    number: Literal["300"]


class Notice(BaseModel):
"""
MARK = "The mark of page {0} is number {0}."
Says = Callable[[Prompt], str]


class FakeEngine:
    """Answers as a function of the prompt; counts what it was asked."""

    def __init__(self, answer: Says) -> None:
        self._answer = answer
        self.asked: list[Prompt] = []

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        self.asked += shard
        return [Completion(self._answer(prompt), "stop", len(prompt.token_ids), 10) for prompt in shard]

    def close(self) -> None:
        pass


def book(pages: int) -> CleanDocument:
    """A document of 30 lines a page, with a mark in the middle of each, and a section every ten pages."""
    text, lines = "", []
    for page in range(1, pages + 1):
        body = ["Nothing of note is said in this line of the book, and nothing in the next."] * 28
        body[14:14] = [MARK.format(page)]
        for line in ([f"ARTICLE {page // 10 + 1} PROVISIONS"] if page % 10 == 1 else []) + body:
            lines.append(LineSpan(len(text), len(text) + len(line), page, Box(0, 0, 1, 1)))
            text += line + "\n"
        text += "\n"
    return CleanDocument(Document("id", "book.txt", "text/plain", 1), text, tuple(lines), (), "en", pages, 0, None)


def spec_of(folder: Path, *settings: str, context: int = 16_384, job: str = JOB) -> RunSpec:
    (folder / "notice.py").write_text(job)
    config: Config = load_config(None, ("engine.kind=null", f"engine.max_model_len={context}", *settings))
    plan = engine_plan(config.engine, "null", gpus=0, cpu_dtype="float32")
    return RunSpec(config, (find_job("notice", folder),), plan, "null", {"notice": "f" * 16})


def prompts_of(clean: CleanDocument, spec: RunSpec) -> Work:
    return prompt_stage(Work(clean.document, ("notice",), clean), spec, make_tokenizer(spec), load_jobs(spec))


def settled(clean: CleanDocument, spec: RunSpec, engine: Any) -> Record | Failure:
    async def answered(work: Work) -> Work:
        shards = Shards(engine, spec.plan.batch_size, spec.plan.in_flight)
        (done,) = await engine_stage([work], Answering(shards, spec.plan, load_jobs(spec), make_tokenizer(spec)))
        return done

    work = asyncio.run(answered(prompts_of(clean, spec)))
    outcome = settle_stage(work, spec, load_jobs(spec), warm_isolator())
    (result,) = (*outcome.records, *outcome.failures)
    assert not isinstance(result, Failure) or result.stage != "merge", result
    assert isinstance(result, Record | Failure)
    return result


def notice(prompt: Prompt, **changes: Any) -> str:
    """What a model would say of a chunk: its marks, and a sentence of its own."""
    lines = [line for line in prompt.chunk.text.splitlines() if line.startswith("The mark")]
    marks = [{"quote": line, "value": line.removeprefix("The ").rstrip(".")} for line in lines]
    summary = f"Part {prompt.chunk.index + 1} has {len(marks)} marks."
    return json.dumps({"first": marks[0] if marks else None, "law": None, "marks": marks, "summary": summary} | changes)


def answer(prompt: Prompt) -> str:
    return json.dumps({"summary": "All marks."}) if prompt.job.startswith("merge_") else notice(prompt)


def test_three_hundred_pages_are_one_row_with_evidence_from_every_part_of_them(tmp_path: Path) -> None:
    record = settled(book(300), spec_of(tmp_path), FakeEngine(answer))
    assert isinstance(record, Record)
    assert record.clean.pages == 300
    assert record.result["first"]["value"] == "mark of page 1 is number 1"
    assert len(record.result["marks"]) == 200
    assert record.result["summary"] == "All marks."
    assert record.warnings == ("marks: 200 of 300 items kept, the most that the job allows",)
    assert {item.page for item in record.evidence} == set(range(1, 201))


def test_the_null_engine_gives_one_row_for_three_hundred_pages_with_evidence_from_the_last(tmp_path: Path) -> None:
    last = MARK.format(300)
    job = JOB.replace("class Notice(BaseModel):", LAST_MARK.format(last) + "    last: Last")
    spec = spec_of(tmp_path, job=job)
    record = settled(book(300), spec, ENGINE.start(spec.plan))
    assert isinstance(record, Record)
    assert record.clean.pages == 300
    assert record.result["last"] == {"quote": last, "number": "300"}
    assert [(item.field, item.page, item.match) for item in record.evidence] == [("last.number", 300, "exact")]
    assert record.result["summary"] == ""


def test_chunks_keep_to_their_size_and_prompts_to_the_context_with_headings_at_the_top(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "long.chunk_tokens=2000")
    work = prompts_of(book(60), spec)
    tokenizer = make_tokenizer(spec)
    assert len(work.prompts) > 10
    for prompt in work.prompts:
        assert len(tokenizer.token_ends(prompt.chunk.text)) <= 2000
        assert len(prompt.token_ids) + prompt.max_tokens <= spec.plan.max_model_len
        content = prompt.messages[1][1]
        if prompt.chunk.headings:
            assert f"[{prompt.chunk.headings[0]}]\n{prompt.chunk.text[:40]}" in content
    assert sum(bool(prompt.chunk.headings) for prompt in work.prompts) > 4
    assert not work.prompts[0].chunk.headings


@pytest.mark.parametrize(("mode", "prompts"), [("auto", 1), ("single", 1), ("map_reduce", 2)])
def test_the_mode_decides_how_a_document_that_fits_is_asked(tmp_path: Path, mode: str, prompts: int) -> None:
    work = prompts_of(book(20), spec_of(tmp_path, f"long.mode={mode}", "long.chunk_tokens=6000", context=65_536))
    assert len(work.prompts) == prompts


def test_a_single_pass_that_does_not_fit_is_a_failure_with_its_remedy(tmp_path: Path) -> None:
    work = prompts_of(book(100), spec_of(tmp_path, "long.mode=single"))
    assert work.failure is not None
    assert (work.failure.stage, work.failure.code) == ("chunk", "too_long")
    assert "long.mode" in work.failure.message
    assert "16,384" in work.failure.message


def test_a_quarter_of_a_million_tokens_go_in_one_prompt_where_the_context_allows(tmp_path: Path) -> None:
    work = prompts_of(book(440), spec_of(tmp_path, "long.mode=single", context=262_144))
    assert work.failure is None
    (prompt,) = work.prompts
    assert 230_000 < len(prompt.token_ids) < 262_144


def test_prose_is_merged_by_one_small_call_that_sees_every_text(tmp_path: Path) -> None:
    engine = FakeEngine(answer)
    record = settled(book(60), spec_of(tmp_path), engine)
    merging = [prompt for prompt in engine.asked if prompt.job.startswith("merge_")]
    assert len(merging) == 1
    content = merging[0].messages[1][1]
    chunks = len(engine.asked) - 1
    assert all(f"Part {number} has" in content for number in range(1, chunks + 1))
    assert json.loads(merging[0].json_schema or "")["properties"] == {"summary": {"maxLength": 200, "type": "string"}}
    assert merging[0].max_tokens < 400
    assert isinstance(record, Record)
    assert record.prompt_tokens == sum(len(prompt.token_ids) for prompt in engine.asked)
    (parts,) = (one for one in record.confidence_parts if one.field == "summary")
    assert (parts.absent, parts.agreement) == (False, None)


def test_a_document_of_one_chunk_asks_no_second_time(tmp_path: Path) -> None:
    engine = FakeEngine(answer)
    settled(book(3), spec_of(tmp_path), engine)
    assert len(engine.asked) == 1


@pytest.mark.parametrize("text", ["not json", json.dumps({"summary": " "})])
def test_where_merging_prose_fails_the_longest_text_stands_and_a_warning_says_so(tmp_path: Path, text: str) -> None:
    def failing(prompt: Prompt) -> str:
        if prompt.job.startswith("merge_"):
            return text
        return notice(prompt, summary="A longer text than the others." if prompt.chunk.index == 1 else "Short.")

    record = settled(book(60), spec_of(tmp_path), FakeEngine(failing))
    assert isinstance(record, Record)
    assert record.result["summary"] == "A longer text than the others."
    assert [warning for warning in record.warnings if "the longest stands" in warning]


def test_texts_that_do_not_fit_one_prompt_are_merged_in_rounds(tmp_path: Path) -> None:
    def wordy(prompt: Prompt) -> str:
        if prompt.job.startswith("merge_"):
            return json.dumps({"summary": f"Of {prompt.chunk.text.count('Part ')} texts."})
        return notice(prompt, summary=f"{prompt.chunk.index} " + "词" * 180)

    engine = FakeEngine(wordy)
    record = settled(book(120), spec_of(tmp_path, "long.chunk_tokens=500", context=2_048), engine)
    merging = [prompt for prompt in engine.asked if prompt.job.startswith("merge_")]
    assert len(merging) > 2
    assert all(len(prompt.token_ids) + prompt.max_tokens <= 2_048 for prompt in merging)
    assert isinstance(record, Record)
    assert record.result["summary"].startswith("Of ")


def broken_at(*places: int) -> Says:
    def one(prompt: Prompt) -> str:
        return "no json" if prompt.chunk.index in places and prompt.job == "notice" else answer(prompt)

    return one


def test_a_chunk_without_an_answer_is_a_warning_with_its_pages_and_lowers_the_records_number(tmp_path: Path) -> None:
    clean, spec = book(100), spec_of(tmp_path)
    chunks = [prompt.chunk for prompt in prompts_of(clean, spec).prompts]
    inside = [line.page for line in clean.lines if chunks[2].start <= line.start < chunks[2].end]
    record = settled(clean, spec, FakeEngine(broken_at(2)))
    assert isinstance(record, Record)
    assert record.warnings == (f"pages {inside[0]}-{inside[-1]}: no valid answer (invalid_json)",)
    assert record.evidence[-1].page == 100


def test_too_many_chunks_without_an_answer_are_a_failure(tmp_path: Path) -> None:
    clean, spec = book(100), spec_of(tmp_path, "long.chunk_tokens=6000")
    assert len(prompts_of(clean, spec).prompts) == 10
    failure = settled(clean, spec, FakeEngine(broken_at(2, 5, 8)))
    assert isinstance(failure, Failure)
    assert (failure.code, failure.raw_text) == ("invalid_json", "no json")
    assert "3 of 10 parts" in failure.message


def test_a_short_document_without_an_answer_is_a_failure_as_ever(tmp_path: Path) -> None:
    assert isinstance(settled(book(2), spec_of(tmp_path), FakeEngine(broken_at(0))), Failure)


def test_what_had_to_be_grounded_and_is_not_is_null_with_a_warning(tmp_path: Path) -> None:
    def inventing(prompt: Prompt) -> str:
        law = {"quote": "the laws of the planet Jupiter shall govern", "value": "Jupiter"}
        return answer(prompt) if prompt.job.startswith("merge_") else notice(prompt, law=law)

    record = settled(book(40), spec_of(tmp_path), FakeEngine(inventing))
    assert isinstance(record, Record)
    assert record.result["law"] is None
    assert not [item for item in record.evidence if item.field.startswith("law")]
    (parts,) = (one for one in record.confidence_parts if one.field == "law")
    assert (parts.absent, parts.match) == (True, "none")
    assert [warning for warning in record.warnings if warning.startswith("law: ") and "no such quote" in warning]


def test_each_field_has_its_confidence_parts_in_the_order_of_the_schema(tmp_path: Path) -> None:
    record = settled(book(40), spec_of(tmp_path), FakeEngine(answer))
    assert isinstance(record, Record)
    assert [parts.field for parts in record.confidence_parts] == list(record.result)
    assert set(record.confidence) == {*record.result, "record"}
    first = record.confidence_parts[0]
    assert (first.match, first.score, first.scanned, first.absent) == ("exact", 1.0, False, False)
    assert first.agreement is not None
    assert first.agreement < 1


def test_a_calibration_gives_the_numbers(tmp_path: Path) -> None:
    class FakeCalibration:
        def confidence(self, parts: Any) -> float:
            return 0.5

    spec = replace(spec_of(tmp_path), calibration=FakeCalibration())
    record = settled(book(2), spec, FakeEngine(answer))
    assert isinstance(record, Record)
    assert set(record.confidence.values()) == {0.5}


def test_the_fake_answers_are_what_the_schema_asks_for(tmp_path: Path) -> None:
    (prompt,) = prompts_of(book(2), spec_of(tmp_path)).prompts
    assert json.loads(smallest_instance(prompt.json_schema)).keys() == json.loads(answer(prompt)).keys()


def test_a_chunk_that_was_asked_in_halves_gives_the_values_of_both(tmp_path: Path) -> None:
    clean, spec = book(2), spec_of(tmp_path)
    work = prompts_of(clean, spec)
    (prompt,) = work.prompts

    def part(value: str) -> Answer:
        quote = MARK.format(value)
        result = {"first": None, "law": None, "marks": [{"quote": quote, "value": value}], "summary": f"Of {value}."}
        return Answer(prompt.chunk, result, Completion("", "stop", 5, 1), 1, 5, 1)

    halved = replace(part("1"), parts=(part("1"), part("2")), prompt_tokens=10)
    outcome = settle_stage(replace(work, answers=(halved,)), spec, load_jobs(spec), warm_isolator())
    (record,) = outcome.records
    assert isinstance(record, Record)
    assert [item["value"] for item in record.result["marks"]] == ["1", "2"]
    assert record.prompt_tokens == 10
