"""settle: a document's answers become one record or one failure a job, and nothing that was lost goes unsaid."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qwen_batch.asking.answer import Rejected
from qwen_batch.asking.fits import Fit
from qwen_batch.asking.prose import ProseAnswer
from qwen_batch.config import Config
from qwen_batch.engine.plan import engine_plan
from qwen_batch.evidence.taken_back.from_examples import WHY
from qwen_batch.job.files import find_job
from qwen_batch.outcomes import RECORD_CONFIDENCE, DocumentOutcome, Example, ExampleFact, Failure, Record
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.records import Answer, Box, Chunk, CleanDocument, Completion, Document, LineSpan, Prompt
from qwen_batch.run.document import said
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs
from qwen_batch.run.document.work import Work

JOB = """
from typing import Annotated
from pydantic import BaseModel, Field
from qwen_batch import MUST_BE_GROUNDED, Job, Quoted


class Fact(Quoted):
    value: str = Field(max_length=60)


class Notice(BaseModel):
    law: Annotated[Fact | None, MUST_BE_GROUNDED] = Field(description="law")
    marks: Annotated[list[Fact], MUST_BE_GROUNDED] = Field(max_length=9, description="marks")
    summary: str = Field(max_length=200, description="the whole")


JOB = Job("{}", Notice, "Read the notice.")
"""
LINES = ("The law of Utah governs.", "The mark is number one.", "The mark is number two.", "Nothing else is said.")
TEXT = "\n".join(LINES)
REJECTED = Rejected("invalid_json", "not valid JSON", "{", 3)


@pytest.fixture
def spec(tmp_path: Path, null_config: Config) -> RunSpec:
    for name in ("notice", "other"):
        (tmp_path / f"{name}.py").write_text(JOB.replace('"{}"', f'"{name}"'))
    plan = engine_plan(null_config.engine, "null", gpus=0, cpu_dtype="float32")
    sources = tuple(find_job(name, tmp_path) for name in ("notice", "other"))
    return RunSpec(null_config, sources, plan, "a-model", {"notice": "1" * 16, "other": "2" * 16})


@pytest.fixture
def isolator() -> Iterator[Isolator]:
    with Isolator(10, 512) as made:
        yield made


def clean() -> CleanDocument:
    """A line a page."""
    starts = [TEXT.index(line) for line in LINES]
    spans = tuple(
        LineSpan(start, start + len(line), page, Box(0, 0, 1, 1))
        for page, (start, line) in enumerate(zip(starts, LINES, strict=True), 1)
    )
    document = Document("id", "a.txt", "text/plain", 1)
    return CleanDocument(document, TEXT, spans, (), "en", 4, 1, 0.5, warnings=("page 2: faint",))


def fact(value: str, quote: str) -> dict[str, str]:
    return {"quote": quote, "value": value}


def answer(prompt: Prompt, **changes: Any) -> Answer:
    result = {"law": fact("Utah", LINES[0]), "marks": [], "summary": "A notice.", **changes}
    text = json.dumps(result)
    completion = Completion(text, "stop", 10, 5, 2, (text,), (math.log(0.8),))
    return Answer(prompt.chunk, result, completion, 1, 10, 5, 2)


def prompt(job: str, index: int = 0, count: int = 1) -> Prompt:
    size = len(TEXT) // count
    start, end = index * size, len(TEXT) if index == count - 1 else (index + 1) * size
    return Prompt("id", job, Chunk(TEXT[start:end], start, end, index, count), (), (), None, 0, 1, 10)


def work(*given: tuple[Prompt, Answer | Rejected], jobs: tuple[str, ...] = ("notice",), **changes: Any) -> Work:
    document = clean()
    asked = Work(document.document, jobs, clean=document, began_s=1.5)
    return replace(asked, prompts=tuple(p for p, _ in given), answers=tuple(a for _, a in given), **changes)


def only(outcome: DocumentOutcome) -> Record | Failure:
    (found,) = (*outcome.records, *outcome.failures)
    assert isinstance(found, Record | Failure)
    return found


def settled(given: Work, spec: RunSpec, isolator: Isolator) -> Any:
    return only(settle_stage(given, spec, load_jobs(spec), isolator))


def test_an_answer_becomes_a_record_with_its_evidence_and_what_it_cost(spec: RunSpec, isolator: Isolator) -> None:
    asked = prompt("notice")
    outcome = settle_stage(work((asked, answer(asked))), spec, load_jobs(spec), isolator)
    record = only(outcome)
    assert isinstance(record, Record)
    assert (outcome.pages, outcome.ocr_pages, outcome.began_s) == (4, 1, 1.5)
    assert (record.job, record.job_fingerprint, record.model) == ("notice", "1" * 16, "a-model")
    assert (record.prompt_tokens, record.output_tokens, record.cached_tokens) == (10, 5, 2)
    assert [(one.field, one.page, one.match) for one in record.evidence] == [("law.value", 1, "exact")]
    assert record.warnings == ("page 2: faint",)
    assert list(record.confidence) == ["law", "marks", "summary", RECORD_CONFIDENCE]


def test_each_job_has_an_outcome_of_its_own(spec: RunSpec, isolator: Isolator) -> None:
    first, second = prompt("notice"), prompt("other")
    given = work((first, answer(first)), (second, REJECTED), jobs=("notice", "other"))
    outcome = settle_stage(given, spec, load_jobs(spec), isolator)
    assert [record.job for record in outcome.records] == ["notice"]
    (failure,) = outcome.failures
    assert (failure.job, failure.stage, failure.code) == ("other", "validate", "invalid_json")
    assert (failure.attempts, failure.retryable, failure.raw_text) == (3, True, "{")


def test_what_failed_before_fails_every_job(spec: RunSpec, isolator: Isolator) -> None:
    document = clean().document
    lost = Work(document, ("notice", "other"), failure=Failure(document, "read", "damaged", "no PDF"))
    outcome = settle_stage(lost, spec, load_jobs(spec), isolator)
    assert [(one.job, one.code) for one in outcome.failures] == [("notice", "damaged"), ("other", "damaged")]
    unread = settle_stage(Work(document, ("notice",)), spec, load_jobs(spec), isolator)
    assert [(one.stage, one.code) for one in unread.failures] == [("clean", "lost")]


def test_a_work_that_the_engine_never_answered_says_so(spec: RunSpec, isolator: Isolator) -> None:
    failure = settled(work(), spec, isolator)
    assert (failure.stage, failure.code, failure.retryable) == ("engine", "lost", True)


def test_an_engine_error_is_the_engines_and_counts_the_parts(spec: RunSpec, isolator: Isolator) -> None:
    broken = Rejected("engine_error", "out of memory", "", 1)
    failure = settled(work(*((prompt("notice", at, 2), broken) for at in range(2))), spec, isolator)
    assert (failure.stage, failure.code) == ("engine", "engine_error")
    assert failure.message == "no valid answer after 1 attempts (2 of 2 parts of the document): out of memory"


def test_a_chunk_without_an_answer_is_a_warning_and_lowers_the_records_number(
    spec: RunSpec, isolator: Isolator
) -> None:
    asked = [prompt("notice", at, 5) for at in range(5)]
    whole = settled(work(*((one, answer(one)) for one in asked)), spec, isolator)
    gap = settled(work(*((one, REJECTED if at == 4 else answer(one)) for at, one in enumerate(asked))), spec, isolator)
    assert gap.warnings == ("page 2: faint", "page 4: no valid answer (invalid_json)")
    assert whole.warnings == ("page 2: faint",)
    assert gap.confidence[RECORD_CONFIDENCE] == pytest.approx(whole.confidence[RECORD_CONFIDENCE] * 4 / 5, rel=0.1)


def test_a_list_that_was_cut_off_is_named_and_a_warning_says_after_how_many_items(
    spec: RunSpec, isolator: Isolator
) -> None:
    asked = prompt("notice")
    cut = replace(answer(asked, law=None, marks=[fact("one", LINES[1])]), unfinished=("marks", "law"))
    record = settled(work((asked, cut)), spec, isolator)
    assert record.incomplete == ("law", "marks")
    assert record.warnings[1:] == (
        "marks: the answer was cut off after 1 items, there may be more",
        "law: the answer was cut off before it",
    )
    assert settled(work((asked, answer(asked))), spec, isolator).incomplete == ()


def test_a_fact_that_another_part_states_is_complete_and_a_list_is_not(spec: RunSpec, isolator: Isolator) -> None:
    asked = [prompt("notice", at, 2) for at in range(2)]
    cut = replace(answer(asked[1], law=None), unfinished=("law", "marks"))
    record = settled(work((asked[0], answer(asked[0])), (asked[1], cut)), spec, isolator)
    assert record.result["law"] is not None
    assert record.incomplete == ("marks",)


def test_of_a_part_without_an_answer_lists_may_lack_items(spec: RunSpec, isolator: Isolator) -> None:
    asked = [prompt("notice", at, 5) for at in range(5)]
    given = ((one, REJECTED if at == 4 else answer(one)) for at, one in enumerate(asked))
    assert settled(work(*given), spec, isolator).incomplete == ("marks",)


def test_a_list_with_more_items_than_the_job_allows_is_not_complete(spec: RunSpec, isolator: Isolator) -> None:
    words = ("number one", "number two", "mark is", "The mark", "law of", "Utah governs", "Nothing else", "is said")
    asked = [prompt("notice", at, 2) for at in range(2)]
    halves = [[fact(f"{word} {side}", word) for word in words] for side in ("left", "right")]
    given = ((one, answer(one, marks=marks)) for one, marks in zip(asked, halves, strict=True))
    record = settled(work(*given), spec, isolator)
    assert len(record.result["marks"]) == 9
    assert record.incomplete == ("marks",)


def test_a_document_that_does_not_fit_is_skipped_by_that_job_alone(spec: RunSpec, isolator: Isolator) -> None:
    asked = prompt("other")
    fits = (Fit("notice", False, 0.1, "it is not a notice", 20, 1, 5), Fit("other", True, 0.8, "it is", 20, 1, 5))
    given = work((asked, answer(asked)), jobs=("notice", "other"), fits=fits)
    outcome = settle_stage(given, spec, load_jobs(spec), isolator)
    (skip,) = outcome.skips
    assert (skip.job, skip.probability, skip.reason) == ("notice", 0.1, "it is not a notice")
    assert (skip.prompt_tokens, skip.output_tokens, skip.cached_tokens) == (20, 1, 5)
    (record,) = outcome.records
    assert isinstance(record, Record)
    assert (record.job, record.prompt_tokens, record.output_tokens) == ("other", 30, 6)
    assert (outcome.failures, outcome.messages) == ((), ())


def test_what_must_be_grounded_and_is_not_goes_and_is_counted_by_its_field(spec: RunSpec, isolator: Isolator) -> None:
    asked = prompt("notice")
    marks = [fact("one", LINES[1]), fact("seven", "The mark of the seventh seal"), fact("eight", "An eighth of gold")]
    made_up = answer(asked, law=fact("Nevada", "as the laws of Nevada demand"), marks=marks)
    record = settled(work((asked, made_up)), spec, isolator)
    assert record.result["law"] is None
    assert record.result["marks"] == [fact("one", LINES[1])]
    assert record.warnings[1:] == (
        "law: 1 left out, no such quote in the document",
        "marks[]: 2 left out, no such quote in the document",
    )
    parts = {one.field: one for one in record.confidence_parts}
    assert (parts["law"].absent, parts["law"].match, parts["law"].score) == (True, "none", 0.0)


def test_what_stands_where_its_words_are_not_mentioned_goes_and_is_told(
    spec: RunSpec, isolator: Isolator, tmp_path: Path
) -> None:
    mentioning = JOB.replace("MUST_BE_GROUNDED] = Field(description", 'Mentions(en=("choice",))] = Field(description')
    (tmp_path / "notice.py").write_text(mentioning.replace("{}", "notice").replace("Job,", "Job, Mentions,"))
    spec = replace(spec, jobs=(find_job("notice", tmp_path),))
    asked = prompt("notice")
    record = settled(work((asked, answer(asked))), spec, isolator)
    assert record.result["law"] is None
    assert [one.standing for one in record.evidence] == ["rejected"]
    assert record.warnings[1:] == ("law: 1 left out, it stands where none of the field's words is mentioned",)
    parts = {one.field: one for one in record.confidence_parts}
    assert (parts["law"].absent, parts["law"].match, parts["law"].score) == (True, "none", 0.0)


def test_what_no_prompt_showed_is_quoted_with_its_page(spec: RunSpec, isolator: Isolator) -> None:
    asked = prompt("notice")
    start = TEXT.index(LINES[2])
    withheld = replace(asked, chunk=replace(asked.chunk, withheld=((start, start + len(LINES[2])),)))
    record = settled(work((withheld, answer(withheld))), spec, isolator)
    assert record.warnings[1] == (f"page 3: not shown to the model, to which it gives orders: {LINES[2]!r}")


def test_prose_that_was_merged_is_the_result_and_its_cost_is_counted(spec: RunSpec, isolator: Isolator) -> None:
    asked = [prompt("notice", at, 2) for at in range(2)]
    given = work(*((one, answer(one, summary=f"Part {at}.")) for at, one in enumerate(asked)))
    merged = Answer(asked[0].chunk, {"summary": "Both."}, Completion('{"summary": "Both."}', "stop", 7, 3), 1, 7, 3)
    prose = ProseAnswer("notice", "summary", merged, prompt_tokens=7, output_tokens=3)
    record = settled(replace(given, prose=(prose, replace(prose, job="other"))), spec, isolator)
    assert record.result["summary"] == "Both."
    assert record.prompt_tokens == 10 + 10 + 7
    assert record.output_tokens == 5 + 5 + 3


def test_what_is_unforeseen_is_the_failure_of_one_job(
    spec: RunSpec, isolator: Isolator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(said, "answers_to_result", broken)
    asked = prompt("notice")
    failure = settled(work((asked, answer(asked))), spec, isolator)
    assert (failure.job, failure.stage, failure.code) == ("notice", "merge", "internal")
    assert "oops" in failure.message


def test_a_second_reading_fills_the_row_and_is_counted_and_a_rejected_one_changes_nothing(
    spec: RunSpec, isolator: Isolator
) -> None:
    asked = prompt("notice")
    again = replace(asked, chunk=replace(asked.chunk, second=True))
    first = answer(asked, law=None)
    record = settled(work((asked, first), (again, answer(again))), spec, isolator)
    assert record.result["law"] == fact("Utah", LINES[0])
    assert (record.prompt_tokens, record.output_tokens) == (20, 10)
    assert settled(work((asked, first), (again, REJECTED)), spec, isolator).result["law"] is None
    alone = settled(work((asked, REJECTED), (again, answer(again))), spec, isolator)
    assert (alone.job, alone.code) == ("notice", "invalid_json")


def test_a_value_of_an_example_was_taken_for_the_documents_own(spec: RunSpec, isolator: Isolator) -> None:
    asked = prompt("notice")
    facts = (ExampleFact("law.value", "Ohio", "The law of Ohio governs."),)
    copied = work((asked, answer(asked, law=fact("Ohio", LINES[0]))))
    config = spec.config.model_copy(update={"prompt": spec.config.prompt.model_copy(update={"examples": 2})})
    shown = replace(spec, config=config, examples={"notice": (Example("another", "b.txt", facts),)})
    assert settled(copied, spec, isolator).result["law"]["value"] == "Ohio", "doubtful, but said by nobody else"
    taken = settled(copied, shown, isolator)
    assert taken.result["law"] is None
    assert f"law: {WHY}" in taken.warnings
    assert settled(work((asked, answer(asked))), shown, isolator).result["law"]["value"] == "Utah"
