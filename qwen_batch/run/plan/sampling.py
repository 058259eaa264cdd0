"""Some documents of all kinds and lengths, read and made into prompts as a run does it; the text cache keeps the text.

OCR takes seconds a page, so the sample recognises so many pages and no more; a document that would take more than are
left has no text here, but says which of its pages need OCR. How many pages need it is the dearest thing to be wrong
about, so further documents are read for that alone while a few seconds last.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job
from qwen_batch.outcomes import Failure
from qwen_batch.reading.document_to_text import ReadTools, clean_stage, ocr_stage, read_stage
from qwen_batch.reading.parts.reader import ReadResult
from qwen_batch.run.document.prompting import prompt_stage
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.plan.counting import Counted, pages_for_ocr
from qwen_batch.run.plan.estimating import shares, spread

SAMPLE = 30
"""Documents of which the text is read, at least; fewer only where there are fewer."""
MOST_SHARE = 0.01
"""Of more than 3,000 documents this share is read."""
MAX_OCR_PAGES = 40
"""Pages that a plan recognises at most."""
FURTHER_DOCUMENTS = 3_000
"""Of up to so many documents more are read than the sample."""
FURTHER_S = 5.0
"""Seconds for which further documents are read."""
LEAST_OCR_PAGES = 4
"""Pages that tell how long a page takes; of further documents no more are recognised."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking one job of one document takes; a question whether it fits the job is one of the prompts."""

    prompts: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Sampled:
    """A document of the sample: `place` is that among all counted. `asked` by job is None where it has no text here.

    `ocr_pages` are to be recognised, `waiting` of them were not before. `read_s` and `ocr_s` are how long these stages
    took, None where the cache had it all, and `ask_s` how long it took from their text to prompts.
    """

    place: int
    ocr_pages: int
    waiting: int = 0
    asked: Mapping[str, Asked] | None = None
    read_s: float | None = None
    ocr_s: float | None = None
    ask_s: float | None = None
    size_kept: int | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """What makes prompts of a text."""

    spec: RunSpec
    tokenizer: Tokenizer
    jobs: Mapping[str, Job]


@dataclass(slots=True)
class _Budget:
    ocr_pages: int = MAX_OCR_PAGES
    is_warm: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    place: int
    result: ReadResult
    waiting: int
    read_s: float | None = field(default=None)


def sample_size(documents: int) -> int:
    """Of how many documents the text is read."""
    return min(documents, max(SAMPLE, int(documents * MOST_SHARE)))


def places_to_sample(counted: Sequence[Counted]) -> list[int]:
    """Which documents are read: of each kind some, from the shortest to the longest."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(counted):
        if one.pages:
            kinds[one.kind].append(place)
    groups = [kinds[kind] for kind in sorted(kinds)]
    total = sample_size(sum(map(len, groups)))
    chosen = []
    for group, count in zip(groups, shares([len(group) for group in groups], total), strict=True):
        lengths = [_order(counted[place]) for place in group]
        chosen += [group[at] for at in spread(lengths, count)]
    return chosen


def _order(one: Counted) -> float:
    """Length, and among those of one length the size of the file."""
    return one.length + one.work.document.size / (one.work.document.size + 1e9)


def read_sample(
    counted: Sequence[Counted], asking: Asking, tools: ReadTools, progress: Callable[[str], None]
) -> list[Sampled]:
    """The chosen documents, those first that need the least OCR, then further ones, read alone."""
    sampled: list[Sampled] = []
    read: list[_Read] = []
    places = places_to_sample(counted)
    for place in places:
        one = _read(place, counted[place], tools)
        sampled.append(one) if isinstance(one, Sampled) else read.append(one)
    budget = _Budget()
    waiting = sum(one.waiting for one in read)
    if waiting:
        progress(f"recognising up to {min(waiting, budget.ocr_pages)} pages of a sample of {len(places)} documents")
    sampled += _least_first(read, counted, budget, asking, tools)
    budget.ocr_pages = LEAST_OCR_PAGES - sum(one.waiting for one in sampled if one.ocr_s is not None)
    further: list[_Read] = []
    for one in _read_further(counted, set(places), tools):
        if isinstance(one, Sampled):
            sampled.append(one)
        elif one.waiting:
            further.append(one)
        else:
            sampled.append(_unasked(one, counted[one.place].work, tools))
    return sampled + _least_first(further, counted, budget, asking, tools)


def _least_first(
    read: Iterable[_Read], counted: Sequence[Counted], budget: _Budget, asking: Asking, tools: ReadTools
) -> list[Sampled]:
    in_order = sorted(read, key=lambda one: one.waiting)
    return [_asked(found, counted[found.place].work, budget, asking, tools) for found in in_order]


def _read_further(counted: Sequence[Counted], chosen: set[int], tools: ReadTools) -> Iterator[_Read | Sampled]:
    """Documents of which reading alone tells what needs OCR, in an order that has nothing to do with what they are."""
    if len(counted) > FURTHER_DOCUMENTS:
        return
    places = [place for place, one in enumerate(counted) if one.pages and one.ocr_pages is None and place not in chosen]
    until_s = time.monotonic() + FURTHER_S
    for place in sorted(places, key=lambda place: counted[place].work.document.id):
        if time.monotonic() > until_s:
            return
        yield _read(place, counted[place], tools)


def _read(place: int, counted: Counted, tools: ReadTools) -> _Read | Sampled:
    document = counted.work.document
    is_kept = tools.cache.reads.size(tools.cache.read_key(document)) is not None
    began = time.perf_counter()
    result = read_stage(document, tools)
    took = None if is_kept else time.perf_counter() - began
    if isinstance(result, Failure):
        return Sampled(place, 0, asked={}, read_s=took, failed=True)
    needing = pages_for_ocr(result)
    return _Read(place, result, 0 if counted.recognised else needing, took)


def _unasked(found: _Read, work: Work, tools: ReadTools) -> Sampled:
    return Sampled(
        found.place,
        ocr_pages=pages_for_ocr(found.result),
        waiting=found.waiting,
        read_s=found.read_s,
        size_kept=tools.cache.reads.size(tools.cache.read_key(work.document)),
    )


def _asked(found: _Read, work: Work, budget: _Budget, asking: Asking, tools: ReadTools) -> Sampled:
    sampled = _unasked(found, work, tools)
    if found.waiting > budget.ocr_pages:
        return sampled
    budget.ocr_pages -= found.waiting
    began = time.perf_counter()
    recognised = ocr_stage(found.result, tools)
    ocr_s = time.perf_counter() - began if found.waiting else None
    if isinstance(recognised, Failure):
        return replace(sampled, asked={}, ocr_s=ocr_s, failed=True)
    if not budget.is_warm:
        _prompted(work, recognised, asking, tools)  # what is loaded once is no document's time
        budget.is_warm = True
    began = time.perf_counter()
    prompted = _prompted(work, recognised, asking, tools)
    ask_s = time.perf_counter() - began
    if isinstance(prompted, Failure):
        return replace(sampled, asked={}, ocr_s=ocr_s, failed=True)
    return replace(sampled, asked=dict(_by_job(prompted)), ocr_s=ocr_s, ask_s=ask_s)


def _prompted(work: Work, recognised: ReadResult, asking: Asking, tools: ReadTools) -> Work | Failure:
    text = clean_stage(recognised, tools)
    if isinstance(text, Failure):
        return text
    work = replace(work, document=text.document, clean=text.clean)
    return prompt_stage(work, asking.spec, asking.tokenizer, asking.jobs)


def _by_job(work: Work) -> Iterator[tuple[str, Asked]]:
    for job in work.jobs:
        lengths = [len(one.token_ids) for one in (*work.questions, *work.prompts) if one.job == job]
        yield job, Asked(len(lengths), sum(lengths))
