"""An engine that is told by a function a job what to answer to a document, and jobs of facts to group."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.children import warm
from helpers.runs import no_session

from qwen_batch.asking.answering import Answering
from qwen_batch.engine.shards import Shards
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.reading.document_to_text import make_tools
from qwen_batch.records import Completion, Prompt
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts, engine_stage
from qwen_batch.run.document.work import Work
from qwen_batch.run.request import Machinery
from qwen_batch.run.stopping import Stop

Told = Mapping[str, Callable[[str], dict[str, Any]]]
_LINE = re.compile(r"^(?P<aspect>[A-Z][\w ]*): (?P<value>.+)$", re.MULTILINE)

FACTS = """
from typing import Annotated
from pydantic import BaseModel, Field
from qwen_batch import Job, Quoted

class Fact(Quoted):
    aspect: str = Field(max_length=60)
    value: str = Field(max_length=60)

class Facts(BaseModel):
    maker: str | None = Field(max_length=60)
    total: float | None
    facts: list[Fact] = Field(max_length=60)

JOB = Job(name="facts", schema=Facts, instruction="List the facts.")
"""
"""A member job: what stands in lines such as "Weight: 1.2 kg", with "Maker" and "Total" apart."""
RULES = """
from typing import Annotated
from pydantic import BaseModel
from qwen_batch import Compared, FromMembers, GroupBy, Job, Quoted

class Rules(BaseModel):
    count: Annotated[int, FromMembers("count")] = 0
    total: Annotated[float | None, FromMembers("sum", "total")] = None
    makers: Annotated[list[str], FromMembers("union", "maker")] = []
    differences: Annotated[list[Compared], FromMembers("differences", "facts[].value", by="aspect")] = []

JOB = Job(name="NAME", schema=Rules, instruction="Compare.", of="facts", over=OVER)
"""
"""A job of groups that asks the model nothing."""
PROSE = """
from typing import Annotated
from pydantic import BaseModel, Field
from qwen_batch import Compared, FromMembers, Job, Quoted

class Point(Quoted):
    text: str | None = Field(max_length=80)

class Prose(BaseModel):
    differences: Annotated[list[Compared], FromMembers("differences", "facts[].value", by="aspect")] = []
    point: Point | None = Field(description="what matters most")

JOB = Job(name="prose", schema=Prose, instruction="Compare.", of="facts", over="folder")
"""
"""A job of groups that asks the model too."""

CHAIN = (
    PROSE.replace('"prose"', '"chain"')
    .replace(', over="folder"', "")
    .replace(
        'differences: Annotated[list[Compared], FromMembers("differences", "facts[].value", by="aspect")] = []',
        'count: Annotated[int, FromMembers("count", "facts[].value")] = 0',
    )
)
"""A job of each row of the member job."""


class FakeAnswers:
    """An engine that keeps what it was asked; a subclass says what it answers."""

    def __init__(self) -> None:
        self.asked: list[Prompt] = []

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        self.asked += shard
        return [self._answer(prompt) for prompt in shard]

    def close(self) -> None: ...

    def _answer(self, prompt: Prompt) -> Completion:
        raise NotImplementedError


class FakeTold(FakeAnswers):
    """Answers each prompt by its job's function of the text that it shows."""

    def __init__(self, told: Told) -> None:
        super().__init__()
        self._told = told

    def _answer(self, prompt: Prompt) -> Completion:
        shown = prompt.messages[-1][1].partition("</document>")[0]
        text = json.dumps(self._told[prompt.job](shown))
        return Completion(text, "stop", 100, len(text), 0, (text,), (-0.01,))


def facts_of(shown: str) -> dict[str, Any]:
    """The answer to the job `facts`."""
    found = list(_LINE.finditer(shown))
    by_name = {one["aspect"]: one["value"] for one in found}
    return {
        "maker": by_name.get("Maker"),
        "total": float(by_name["Total"]) if "Total" in by_name else None,
        "facts": [{"quote": one[0], "aspect": one["aspect"], "value": one["value"]} for one in found],
    }


def write_jobs(folder: Path, **jobs: str) -> Path:
    """A folder of jobs with these texts by name, and the member job."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"facts": FACTS, **jobs}.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def rules_job(name: str, over: str) -> str:
    """The text of a job that rules alone fill; `over` as the file has it."""
    return RULES.replace("NAME", name).replace("OVER", over)


def told_machinery(
    engine: FakeAnswers, begin: Callable[[Work], None] = lambda _: None, rounds: list[Sequence[Work]] | None = None
) -> Machinery[RunSpec]:
    """The stages as plain loops around this engine; `begin` is told of each work, `rounds` gets those of each call."""

    def execute(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        jobs, tokenizer = load_jobs(spec), make_tokenizer(spec)
        answering = Answering(Shards(engine, spec.plan.batch_size, in_flight=2), spec.plan, jobs, tokenizer)
        tools = warm(make_tools(spec.config))
        if rounds is not None:
            rounds.append(works)
        for one in works:
            if not stop.taking():
                return
            begin(one)
            work = document_to_prompts(one, spec, tools, tokenizer, jobs)
            (done,) = asyncio.run(engine_stage([work], answering))
            yield settle_stage(done, spec, jobs, tools.isolator)

    return Machinery(no_session, execute)
