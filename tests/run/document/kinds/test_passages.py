"""passages: a job asked passage by passage, its answers in order with nothing merged, and what is not done is seen."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from helpers.texts import text_to_clean

from qwen_batch.asking.answering import Answering
from qwen_batch.config import Config
from qwen_batch.engine.shards import Shards
from qwen_batch.outcomes import Failure, Record
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.records import Completion, Prompt
from qwen_batch.run.document.prompting import prompt_stage
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import engine_stage
from qwen_batch.run.document.work import Work
from qwen_batch.run.prepare import Place, prepare_run

JOB = "translate_document"
SENTENCE = "The Harbour Board met Anna Berg on {day} May 2024 and paid {day}00 euro for the {day} boats of the town. "
PARTS = [f"# Part {number}\n\n{SENTENCE.format(day=number) * 4}" for number in range(1, 9)]
TABLE = "| Boat | Price |\n| --- | --- |\n| Gull | 120 |\n| Gull | 120 |\n| Tern | 95.5 |"
DOCUMENT = "\n\n".join([*PARTS, "# Prices", TABLE, "The same sentence stands here twice in all of the text of it."] * 2)
FENCED = re.compile(r"<document[^>]*>\n(.*)\n</document>", re.DOTALL)
DATE = re.compile(r"(\d+) May 2024")
TERM = re.compile(r'"([^"]+)" is "([^"]+)"')


def translated(prompt: Prompt) -> str:
    """Each word as two characters, figures and marks as they are; terms as the prompt calls them."""
    asked = prompt.messages[1][1]
    text = FENCED.search(asked)[1]
    for term, said in TERM.findall(asked.partition("Terms: ")[2]):
        text = text.replace(term, said)
    return re.sub(r"[A-Za-z]+", "译文", DATE.sub(r"2024年5月\1日", text))


class FakeTranslator:
    """Translates passages, and calls each term by its number."""

    def __init__(self, say: Callable[[Prompt], str] = translated) -> None:
        self.say = say
        self.asked: list[Prompt] = []

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        self.asked += shard
        return [Completion(json.dumps(self.answer(one)), "stop", len(one.token_ids), 9) for one in shard]

    def answer(self, prompt: Prompt) -> dict[str, Any]:
        if prompt.job != JOB:
            keys = json.loads(prompt.json_schema)["properties"]
            return {key: f"{name}词" for name, key in zip("甲乙丙丁戊己庚辛壬癸子丑", keys, strict=False)}
        return {"text": self.say(prompt)}

    def close(self) -> None: ...


@pytest.fixture
def spec(null_config: Config, jobs_dir: Path, tmp_path: Path) -> RunSpec:
    (tmp_path / "a.txt").write_text("x")
    return prepare_run([JOB, str(tmp_path / "a.txt")], null_config, jobs_dir, Place(str(tmp_path / "out"))).request.spec


@pytest.fixture
def isolator() -> Iterator[Isolator]:
    with Isolator(10, 512) as made:
        yield made


def outcome(engine: FakeTranslator, spec: RunSpec, isolator: Isolator) -> Record | Failure:
    clean = text_to_clean(DOCUMENT)
    tokenizer, jobs = make_tokenizer(spec), load_jobs(spec)
    work = prompt_stage(Work(clean.document, (JOB,), clean=clean), spec, tokenizer, jobs)
    answering = Answering(Shards(engine, 4, 4), spec.plan, jobs, tokenizer)
    (work,) = asyncio.run(engine_stage([work], answering))
    settled = settle_stage(work, spec, jobs, isolator)
    (found,) = (*settled.records, *settled.failures)
    return found


def test_every_passage_is_asked_and_stands_in_order(spec: RunSpec, isolator: Isolator) -> None:
    row = outcome(FakeTranslator(), spec, isolator)
    assert isinstance(row, Record)
    text = row.result["text"]
    assert text.count("| 120 |") == text.count("| 95.5 |") * 2 == 4
    assert text.count("# ") == DOCUMENT.count("# ")
    assert re.findall(r"\d+", text) == re.findall(r"\d+", DATE.sub(r"2024 5 \1", DOCUMENT))
    assert (row.incomplete, row.attempts) == ((), 1)


def test_passages_share_the_terms_that_were_chosen_before(spec: RunSpec, isolator: Isolator) -> None:
    engine = FakeTranslator()
    row = outcome(engine, spec, isolator)
    assert isinstance(row, Record)
    assert engine.asked[0].job == f"terms_of_{JOB}"
    passages = [one for one in engine.asked if one.job == JOB]
    assert dict(passages[0].terms)["Harbour Board"] in row.result["text"]
    assert all(
        dict(one.terms).keys() == {"Harbour Board", "Anna Berg"} for one in passages if "Board" in one.chunk.text
    )
    assert row.prompt_tokens == sum(len(one.token_ids) for one in engine.asked)


def test_a_passage_whose_numbers_differ_is_asked_again_and_counted(spec: RunSpec, isolator: Isolator) -> None:
    told: set[int] = set()

    def wrong_once(prompt: Prompt) -> str:
        text = translated(prompt)
        if prompt.chunk.index % 2 or prompt.chunk.index in told:
            return text
        told.add(prompt.chunk.index)
        return f"{text} 777"

    row = outcome(FakeTranslator(wrong_once), spec, isolator)
    assert isinstance(row, Record)
    assert "777" not in row.result["text"]
    assert row.attempts == 2
    assert any(one.startswith(f"asked again: {len(told)} of ") for one in row.warnings)
    assert any("it has 777, which the document does not have" in one for one in row.warnings)


def test_a_passage_that_never_keeps_its_table_stays_as_it_is_and_is_named(spec: RunSpec, isolator: Isolator) -> None:
    def loses_a_row(prompt: Prompt) -> str:
        return "\n".join(line for line in translated(prompt).splitlines() if "95.5" not in line)

    row = outcome(FakeTranslator(loses_a_row), spec, isolator)
    assert isinstance(row, Record)
    assert row.result["text"].count("| Tern | 95.5 |") == 2
    assert row.result["text"].count("not done (broken_limit)") == 2
    assert row.incomplete == ("text",)
    named = [one for one in row.warnings if "left as it is in the document (broken_limit" in one]
    assert len(named) == 2
    assert "table has 3 rows, and the document's 4" in named[0]


def test_a_document_of_which_most_was_not_done_is_a_failure(spec: RunSpec, isolator: Isolator) -> None:
    failure = outcome(FakeTranslator(lambda prompt: prompt.chunk.text), spec, isolator)
    assert isinstance(failure, Failure)
    assert failure.code == "broken_limit"


def test_a_job_that_is_asked_by_passages_changes_nothing_for_the_jobs_beside_it(
    null_config: Config, jobs_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("x")
    clean = text_to_clean(DOCUMENT)
    names = [JOB, "minutes_actions"]
    both = prepare_run(
        [*names, str(tmp_path / "a.txt")], null_config, jobs_dir, Place(str(tmp_path / "out"))
    ).request.spec

    def prompts(*asked: str) -> list[Prompt]:
        work = Work(clean.document, asked, clean=clean)
        made = prompt_stage(work, both, make_tokenizer(both), load_jobs(both)).prompts
        return [prompt for prompt in made if prompt.job == "minutes_actions"]

    assert prompts(*names) == prompts("minutes_actions")
