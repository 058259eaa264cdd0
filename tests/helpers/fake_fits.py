"""An engine without a model that says what a document is by its words, and answers jobs as the null engine does."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helpers.children import warm
from helpers.runs import no_session

from qwen_batch.asking.answering import Answering
from qwen_batch.engine.kinds.null import NullEngine
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

SURE = 0.9
"""What the fake gives `true` where the first word of what fits stands in the document, and `false` elsewhere."""


@dataclass
class FakeFits:
    """Remembers what it was asked; `told` False is an engine without probabilities.

    `dies_on`, if given, is called with each prompt before it is answered, and may raise.
    """

    told: bool = True
    dies_on: Callable[[Prompt], None] = lambda _: None
    asked: list[Prompt] = field(default_factory=list)

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        for prompt in shard:
            self.dies_on(prompt)
        self.asked += shard
        others = iter(await NullEngine().generate([prompt for prompt in shard if not is_question(prompt)]))
        return [self._said(prompt) if is_question(prompt) else next(others) for prompt in shard]

    def close(self) -> None: ...

    @property
    def questions(self) -> int:
        return sum(map(is_question, self.asked))

    def _said(self, prompt: Prompt) -> Completion:
        what = prompt.messages[-1][1].rpartition("Is this document ")[2].split()[1].strip("?")
        text = "true" if what in prompt.chunk.text.lower() else "false"
        told = (math.log(SURE),) if self.told else ()
        return Completion(text, "length", 30, 1, token_texts=(text,) if told else (), logprobs=told)

    def machinery(self) -> Machinery[RunSpec]:
        """The stages as plain loops with this engine."""

        def execute(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
            jobs, tokenizer = load_jobs(spec), make_tokenizer(spec)
            threshold = spec.config.prompt.fits_threshold
            tools = warm(make_tools(spec.config))
            for one in works:
                if not stop.taking():
                    return
                answering = Answering(Shards(self, 4, 2), spec.plan, jobs, tokenizer, fits_threshold=threshold)
                work = document_to_prompts(one, spec, tools, tokenizer, jobs)
                (done,) = asyncio.run(engine_stage([work], answering))
                yield settle_stage(done, spec, jobs, tools.isolator)

        return Machinery(no_session, execute)


def is_question(prompt: Prompt) -> bool:
    return "Is this document" in prompt.messages[-1][1]


def job_file(path: Path, fits: str | None) -> Path:
    """A job of this file's name."""
    said = f", fits={fits!r}" if fits else ""
    path.write_text(
        "from pydantic import BaseModel, Field\n\nfrom qwen_batch import Job\n\n\n"
        "class Notes(BaseModel):\n    title: str = Field(max_length=40)\n\n\n"
        f"JOB = Job(name={path.stem!r}, schema=Notes, instruction='Say the title.'{said})\n"
    )
    return path
