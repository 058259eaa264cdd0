"""How long each stage takes, and all of them together: from what the sample took here and what the newest run tells.

Reading, OCR and prompts go on while the engine works, so the longer of the two decides; before stands its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qwen_batch.config import Config
from qwen_batch.output.log.plan import Estimate, PlannedStage
from qwen_batch.run.plan.cores import cores_worth, read_workers
from qwen_batch.run.plan.estimating import NOTHING
from qwen_batch.run.plan.known import Rates

SAMPLE_LOW, SAMPLE_HIGH = 0.7, 1.5
"""What a few documents, read one after the other, may be wrong by of many, read side by side; a guess."""
RATE_SPREAD = 0.15
"""By how much an engine's rates differ from run to run; a guess."""
S_PER_HOUR = 3_600
UNSEEN = "the sample had no such page that was not in the text cache"


@dataclass(frozen=True, slots=True)
class Pace:
    """What a page of the sample took on one core, the middle of so many: one odd page takes twenty times as long."""

    pages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Times:
    """Stages, and the whole run; None where one of its parts is not known."""

    stages: tuple[PlannedStage, ...]
    seconds: Estimate | None
    engine_held_s: Estimate | None


def ocr_stage(pages: Estimate, pace: Pace, config: Config) -> PlannedStage:
    """OCR of so many pages, on as many cores as the settings allow."""
    if pages.high and not pace.pages:
        return _stage("ocr", None, UNSEEN)
    why = f"a page took {pace.seconds:.1f} s here, the middle of {pace.pages}"
    return _on_cores("ocr", pages.times(pace.seconds), why, config)


def document_stage(stage: str, told: Estimate | None, config: Config) -> PlannedStage:
    """Reading or making prompts, which takes so long for all documents on one core."""
    if told is None:
        return _stage(stage, None, UNSEEN)
    return _on_cores(stage, told, "as the sample took here", config)


def _on_cores(stage: str, told: Estimate, why: str, config: Config) -> PlannedStage:
    if told.high == 0:
        return _stage(stage, NOTHING, "nothing is left to do: the text cache has it")
    workers = read_workers(config)
    worth = cores_worth(workers)  # takes a second, so it is measured where there is something to do
    one = told.times(1 / worth)
    seconds = Estimate(low=one.low * SAMPLE_LOW, likely=one.likely, high=one.high * SAMPLE_HIGH)
    return _stage(stage, seconds, f"{why}; {workers} at a time do {worth:.1f} times as much")


def engine_stages(
    read: Estimate | None, written: Estimate | None, rates: Rates | None, *, known: bool
) -> list[PlannedStage]:
    """Its start and its work. `known` says that answers are as long as those that the rates were measured with."""
    if read is not None and read.high == 0:
        return [_stage(stage, NOTHING, "nothing is asked") for stage in ("start", "engine")]
    if rates is None:
        why = "no run of this output and no bench here had this model: its rates are not known"
        return [_stage("start", None, why), _stage("engine", None, why)]
    from_run = f"as in {rates.source}"
    start = Estimate(
        low=rates.start_s * (1 - RATE_SPREAD), likely=rates.start_s, high=rates.start_s * (1 + RATE_SPREAD)
    )
    if read is None:
        return [_stage("start", start, from_run), _stage("engine", None, "the tokens are not known")]
    ways = [read.times(1 / rates.tokens_in_a_s)]
    if written is not None and rates.tokens_out_a_s:
        ways.append(written.times(1 / rates.tokens_out_a_s))
    decided = ways if known else ways[:1]
    seconds = Estimate(
        low=min(way.low for way in ways) * (1 - RATE_SPREAD),
        likely=sum(way.likely for way in decided) / len(decided),
        high=max(way.high for way in ways) * (1 + RATE_SPREAD),
    )
    return [_stage("start", start, from_run), _stage("engine", seconds, from_run)]


def times(documents: Sequence[PlannedStage], engine: Sequence[PlannedStage], rates: Rates | None) -> Times:
    """All stages together: those on documents beside those of the engine."""
    stages = (*documents, *engine)
    if any(stage.seconds is None for stage in stages):
        return Times(stages, None, None)
    around = rates.around_s if rates else 0.0
    sides = ("low", "likely", "high")
    held = {side: max(_sum(documents, side), _sum(engine, side)) for side in sides}
    return Times(stages, Estimate(**{side: held[side] + around for side in sides}), Estimate(**held))


def _sum(stages: Sequence[PlannedStage], side: str) -> float:
    return sum(float(getattr(stage.seconds, side)) for stage in stages)


def _stage(stage: str, seconds: Estimate | None, why: str) -> PlannedStage:
    return PlannedStage.model_validate({"stage": stage, "seconds": seconds, "why": why})
