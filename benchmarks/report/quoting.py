"""Outputs with evidence, without a model: a fake engine that finds facts by patterns and quotes them.

Everything else is what a run does: reading, prompts, validation, evidence, confidence, commit. Its answers are no
measure of any model; its probabilities are made up from the words, so that they differ and are the same each time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from qwen_batch.asking.answering import Answering
from qwen_batch.config import Config
from qwen_batch.engine.kinds.null import smallest_instance
from qwen_batch.engine.shards import Shards
from qwen_batch.job.facts.dates import dates_in
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.reading.document_to_text import make_tools
from qwen_batch.records import Completion, Prompt
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts, engine_stage
from qwen_batch.run.document.work import Work
from qwen_batch.run.prepare import Place, prepare_run
from qwen_batch.run.progress import SilentReporter
from qwen_batch.run.request import Machinery, RunSummary
from qwen_batch.run.runner import execute_run
from qwen_batch.run.stopping import Stop

Finder = Callable[[str], dict[str, Any]]
"""From the text that a prompt shows to the fields that it finds there; others are as empty as the schema allows."""
_DOCUMENT = re.compile(r"<document[^>]*>\n(.*)\n</document>", re.DOTALL)
_TOKEN = re.compile(r"\w+|\W")


class QuotingEngine:
    """Answers each job's prompts by its finder."""

    def __init__(self, finders: Mapping[str, Finder]) -> None:
        self._finders = finders

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        """One completion a prompt, with made up probabilities."""
        return [self._answer(prompt) for prompt in shard]

    def close(self) -> None:
        """Nothing to end."""

    def _answer(self, prompt: Prompt) -> Completion:
        shown = _DOCUMENT.search(prompt.messages[-1][1])
        found = self._finders[prompt.job](shown[1] if shown else "")
        text = json.dumps(json.loads(smallest_instance(prompt.json_schema)) | found, ensure_ascii=False)
        tokens = tuple(_TOKEN.findall(text))
        return Completion(
            text=text,
            finish_reason="stop",
            prompt_tokens=len(prompt.token_ids),
            output_tokens=len(tokens),
            token_texts=tokens,
            logprobs=tuple(-((hashlib.sha256(token.encode()).digest()[0] / 255) ** 6) for token in tokens),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A job by its name and folder, and what finds its facts."""

    job: str
    jobs_dir: Path
    finder: Finder


def answer_folder(inputs: Sequence[str], output: Path, config: Config, asked: Asked) -> RunSummary:
    """A run of one job in this process, in plain loops, with the fake engine; `config` has engine.kind null."""
    request = prepare_run([asked.job, *inputs], config, asked.jobs_dir, Place(str(output))).request
    machinery = Machinery(_no_session, partial(_serially, finders={asked.job: asked.finder}))
    return execute_run(request, machinery, SilentReporter(), None)


@contextmanager
def _no_session(_config: Config) -> Iterator[None]:
    yield


def _serially(
    works: Sequence[Work], spec: RunSpec, _stop: Stop, *, finders: Mapping[str, Finder]
) -> Iterator[DocumentOutcome]:
    jobs, tokenizer = load_jobs(spec), make_tokenizer(spec)
    shards = Shards(QuotingEngine(finders), spec.plan.batch_size, in_flight=2)
    answering = Answering(shards, spec.plan, jobs, tokenizer)
    tools = make_tools(spec.config)
    with tools.isolator:
        for one in works:
            work = document_to_prompts(one, spec, tools, tokenizer, jobs)
            (done,) = asyncio.run(engine_stage([work], answering))
            yield settle_stage(done, spec, jobs, tools.isolator)


LAW = re.compile(r"(?:laws?\s+of(?:\s+the)?\s+)((?:[A-Z][\w.]*\s?(?:of\s)?){1,4})|适用(\S{2,10}?)法律")
MONEY = re.compile(r"(USD|EUR|SGD|GBP|\$|€|£|RMB|人民币)\s?([\d,]*\d(?:\.\d\d)?)")
PARTY = re.compile(
    r"([A-Z][\w&.]+(?:\s[A-Z][\w&.]+){0,4},?\s(?:Inc\.?|LLC|Ltd\.?|Corp\.?|Corporation|GmbH|L\.P\.|Company))"
)
TERM = re.compile(r"[^.。\n]{0,60}\b(?:term|continues?|expire)\b[^.。\n]{5,80}", re.IGNORECASE)
NOTICE = re.compile(r"[^.。\n]{0,60}\b(?:prior written notice|written notice|提前)\b[^.。\n]{0,60}", re.IGNORECASE)


def contract_terms(text: str) -> dict[str, Any]:
    """Some facts of a contract by simple patterns, for jobs/contract_terms.py; wrong now and then, as models are."""
    found: dict[str, Any] = {}
    names = list(dict.fromkeys(one[1] for one in PARTY.finditer(text)))[:3]
    if names:
        found["parties"] = [{"name": name[:80], "quote": name, "role": None} for name in names]
    dates = [one for one in dates_in(text) if one.days]
    for field, one in zip(("agreement_date", "effective_date"), dates, strict=False):
        found[field] = {"quote": text[one.start : one.end], "date": str(min(one.days))}
    if law := LAW.search(text):
        found["governing_law"] = {"quote": law[0].strip(), "jurisdiction": (law[1] or law[2]).strip()[:60]}
    if money := MONEY.search(text):
        found["price"] = {"quote": money[0], "value": float(money[2].replace(",", "")), "currency": money[1]}
    for field, pattern in (("expiration", TERM), ("notice_period", NOTICE)):
        if said := pattern.search(text):
            found[field] = {"quote": said[0].strip(), "value": said[0].strip()[:80]}
    return found
