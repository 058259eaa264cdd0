"""What the figures of a sample and of runs before come to: pages by kind, stages, GPU-hours, money, disk."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from qwen_batch.config import Config
from qwen_batch.output.log.plan import Estimate, PlannedDisk, PlannedKind
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.plan.counting import Counted
from qwen_batch.run.plan.estimating import NOTHING, Point, added, exactly, told_sum
from qwen_batch.run.plan.known import bench_rates, bytes_a_row, newest_rates
from qwen_batch.run.plan.pacing import Looked, places_to_read, prompt_seconds, read_seconds
from qwen_batch.run.plan.sampling import Sampled
from qwen_batch.run.plan.timing import S_PER_HOUR, Pace, Times, document_stage, engine_stages, ocr_stage, times
from qwen_batch.storage.places import Store, is_s3

ROW_BYTES = Estimate(low=1_500, likely=6_000, high=30_000)
"""Of a row in an output that has none yet; a guess."""
STAGED_TOO = 2
"""Rows lie in the output twice while they are published."""
RULE_OF_THREE = 3
"""What was seen in none of n has, by 95 %, a share of at most 3/n."""
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Costs:
    """Pages, times, money and disk of a run."""

    kinds: tuple[PlannedKind, ...]
    ocr_pages: Estimate
    ocr_pages_to_do: Estimate
    prompt_tokens: Estimate | None
    output_tokens: Estimate | None
    gpus: int
    times: Times
    gpu_hours: Estimate | None
    price: Estimate | None
    disk: PlannedDisk


def planned_costs(looked: Looked, spec: RunSpec, store: Store) -> Costs:
    """All that follows."""
    kinds = tuple(_kind(kind, looked) for kind in sorted({one.kind for one in looked.counted}))
    to_read, to_recognise = pages_to_read(looked, spec.config), _ocr_to_do(looked)
    rates = newest_rates(store, spec.model_name) or bench_rates(spec.plan, spec.model_name)
    read_tokens = _total(job.prompt_tokens for job in looked.jobs)
    written = _total(job.output_tokens for job in looked.jobs)
    known = all(job.output_from != "guess" for job in looked.jobs)
    took = times(
        (
            document_stage("read", read_seconds(looked, spec.config), spec.config),
            ocr_stage(to_recognise, _ocr_pace(looked), spec.config),
            document_stage("prompts", prompt_seconds(looked), spec.config),
        ),
        engine_stages(read_tokens, written, rates, known=known),
        rates,
    )
    gpus = rates.gpus if rates else spec.plan.gpus
    hours = took.engine_held_s.times(gpus / S_PER_HOUR) if gpus and took.engine_held_s else None
    price = spec.config.resources.gpu_hour_price
    return Costs(
        kinds=kinds,
        ocr_pages=added(one.ocr_pages for one in kinds),
        ocr_pages_to_do=to_recognise,
        prompt_tokens=read_tokens,
        output_tokens=written,
        gpus=gpus,
        times=took,
        gpu_hours=hours,
        price=hours.times(price) if hours and price is not None else None,
        disk=_disk(looked, to_read, to_recognise, spec.config, store),
    )


def pages_to_read(looked: Looked, config: Config) -> int:
    """Pages that the run has to read: those that neither the text cache nor this plan has read."""
    return sum(looked.counted[place].pages for place in places_to_read(looked, config))


def _kind(kind: str, looked: Looked) -> PlannedKind:
    mine = [(place, one) for place, one in enumerate(looked.counted) if one.kind == kind]
    chosen = {one.place for one in looked.sampled}
    return PlannedKind(
        kind=kind,
        documents=len(mine),
        pages=sum(one.pages for _, one in mine),
        ocr_pages=_ocr_of(mine, looked.sampled),
        size_bytes=sum(one.work.document.size for _, one in mine),
        unreadable=sum(not one.pages for _, one in mine),
        sampled=sum(place in chosen for place, _ in mine),
    )


def _ocr_of(mine: Sequence[tuple[int, Counted]], sampled: Sequence[Sampled]) -> Estimate:
    """Pages of one kind that need OCR: known where they were read, told by the sample where they were not."""
    read = {one.place: one.ocr_pages for one in sampled}
    places = [place for place, _ in mine]
    lengths = {place: one.length for place, one in mine}
    sure = {place: one.ocr_pages for place, one in mine if one.ocr_pages is not None} | {
        place: read[place] for place in places if place in read
    }
    points = [Point(lengths[place], read[place]) for place in places if place in read]
    others = [lengths[place] for place in places if place not in sure]
    return added([_told_ocr(points, others)], sum(sure.values()))


def _ocr_to_do(looked: Looked) -> Estimate:
    """The pages that the run has to recognise: not those of documents that were recognised before or by this plan."""
    recognised = {one.place for one in looked.sampled if one.asked is not None}
    kinds: dict[str, list[tuple[int, Counted]]] = defaultdict(list)
    for place, one in enumerate(looked.counted):
        kinds[one.kind].append((place, one))
    parts = []
    for mine in kinds.values():
        points = {place for place, _ in mine} & {one.place for one in looked.sampled}
        whole = _ocr_of(mine, looked.sampled)
        left = [pair for pair in mine if pair[0] not in recognised and not pair[1].recognised]
        if len(left) == len(mine):
            parts.append(whole)
        elif left:
            kept = [one for one in looked.sampled if one.place in points]
            parts.append(_ocr_of_some(left, mine, kept))
    return added(parts)


def _ocr_of_some(
    left: Sequence[tuple[int, Counted]], mine: Sequence[tuple[int, Counted]], sampled: Sequence[Sampled]
) -> Estimate:
    lengths = {place: one.length for place, one in mine}
    read = {one.place: one.ocr_pages for one in sampled}
    sure = sum(read.get(place, one.ocr_pages or 0) for place, one in left)
    others = [one.length for place, one in left if one.ocr_pages is None and place not in read]
    points = [Point(lengths[place], pages) for place, pages in read.items()]
    return added([_told_ocr(points, others)], sure)


def _told_ocr(points: Sequence[Point], others: Sequence[float]) -> Estimate:
    """Pages for OCR of documents with so many pages; where no sampled one has any, up to the rule of three's share."""
    told = told_sum(points, others) or exactly(0).model_copy(update={"high": sum(others)})
    if told.high or not others:
        return told
    return told.model_copy(update={"high": sum(others) * min(1.0, RULE_OF_THREE / len(points))})


def _ocr_pace(looked: Looked) -> Pace:
    timed = [(one.waiting, one.ocr_s) for one in looked.sampled if one.ocr_s is not None and one.waiting]
    pages = [seconds / count for count, seconds in timed for _ in range(count)]
    return Pace(len(pages), median(pages) if pages else 0.0)


def _total(parts: Iterable[Estimate | None]) -> Estimate | None:
    each = list(parts)
    known = [one for one in each if one is not None]
    return added(known) if len(known) == len(each) else None


def _disk(looked: Looked, to_read: int, to_recognise: Estimate, config: Config, store: Store) -> PlannedDisk:
    rows = []
    for job in looked.jobs:
        each = bytes_a_row(store, job.job)
        one_row = Estimate(low=each, likely=each, high=each) if each else ROW_BYTES
        rows.append(one_row.times(job.documents))
    output = added(rows)
    return PlannedDisk(
        output_bytes=output.model_copy(update={"high": output.high * STAGED_TOO}),
        cache_bytes=_cache(looked, to_read, to_recognise, config),
        free_bytes=_free(store),
    )


def _cache(looked: Looked, to_read: int, to_recognise: Estimate, config: Config) -> Estimate | None:
    """By what the read documents take there; a recognised page takes a page's room once more."""
    if not config.cache.enabled or (not to_read and not to_recognise.high):
        return NOTHING
    kept = [(one.size_kept, looked.counted[one.place].pages) for one in looked.sampled if one.size_kept is not None]
    pages = sum(count for _, count in kept)
    if not pages:
        return None
    each = sum(size for size, _ in kept) / pages
    most = config.cache.max_gb * GIB
    both = added([to_recognise], to_read).times(each)
    return Estimate(low=min(most, both.low / 2), likely=min(most, both.likely), high=min(most, both.high * 2))


def _free(store: Store) -> int | None:
    if is_s3(store.root):
        return None
    folder = Path(store.root).absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
