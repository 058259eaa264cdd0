"""What runs before say of this output: tokens of a job's answers, the engine's rates, bytes of a row.

Rates are those of the newest run whose engine answered with the same model, else of this machine's bench with it; those
of another model say nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from qwen_batch.engine.bench.kept import kept_bench
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.output.format import FORMATS, read_table
from qwen_batch.output.layout import files_of_runs, run_manifests, runs_with_tables
from qwen_batch.output.log.plan import Estimate
from qwen_batch.output.manifest import RunManifest
from qwen_batch.run.plan.estimating import ERRORS
from qwen_batch.storage.places import Store

NEWEST_FILES = 4
"""Files of a job's rows that are looked at, the newest."""
DRIFT = 0.1
"""How much other documents' answers may be longer or shorter than those of runs before, at most times; a guess."""
LEAST_BUSY_S = 0.01
"""An engine that takes no time is taken for this slow."""
_COLUMNS = pa.schema([("model", pa.string()), ("output_tokens", pa.int64())])


@dataclass(frozen=True, slots=True)
class Rates:
    """What a run's engine did: tokens a second while it had any, and how long it took to start.

    `around_s` is what the run took before the engine had its first prompts, and after it had answered the last.
    `gpus` were held; `source` says by what.
    """

    source: str
    tokens_in_a_s: float
    tokens_out_a_s: float | None
    start_s: float
    around_s: float
    gpus: int


def newest_rates(store: Store, model: str) -> Rates | None:
    """Those of the newest run with this model, None if no run had it."""
    for run in reversed(run_manifests(store)):
        if run.model == model and (rates := _rates(run)) is not None:
            return rates
    return None


def bench_rates(plan: EnginePlan, model: str) -> Rates | None:
    """Those of this machine's bench with this model, for as many engines as are planned; None if there was none."""
    bench = kept_bench(model)
    if bench is None or not bench.tokens_in_a_s or bool(bench.gpus) != bool(plan.gpus):
        return None
    return Rates(
        source=f"bench of {bench.measured}",
        tokens_in_a_s=bench.tokens_in_a_s * plan.replicas,
        tokens_out_a_s=bench.tokens_out_a_s * plan.replicas or None,
        start_s=bench.start_s,
        around_s=0.0,
        gpus=plan.gpus,
    )


def _rates(run: RunManifest) -> Rates | None:
    usage = run.usage or {}
    start_s, work_s = (float(usage.get(key) or 0) for key in ("engine_start_s", "engine_work_s"))
    tokens_in = usage.get("prompt_tokens_per_s")
    if not tokens_in or not work_s:
        return None
    busy = work_s / max(float(usage["engine_busy_s"]), LEAST_BUSY_S) if "engine_busy_s" in usage else 1.0
    took_s = (run.finished - run.started).total_seconds()
    return Rates(
        source=f"run {run.run_id}",
        tokens_in_a_s=float(tokens_in) * busy,
        tokens_out_a_s=float(usage.get("output_tokens_per_s") or 0) * busy or None,
        start_s=start_s,
        around_s=max(0.0, took_s - start_s - work_s),
        gpus=int(usage.get("gpus") or 0),
    )


def output_tokens_a_row(store: Store, job: str, model: str) -> Estimate | None:
    """Tokens of one document's answers, by the newest rows of the job that this model answered; None without any."""
    files = [one for one in files_of_runs(runs_with_tables(store)) if one.table == job][-NEWEST_FILES:]
    tokens: list[int] = []
    for file in files:
        rows = read_table(store, file.path, FORMATS.load(file.format), _COLUMNS)
        told = zip(rows["model"].to_pylist(), rows["output_tokens"].to_pylist(), strict=True)
        tokens += [count for by, count in told if by == model and count is not None]
    return _mean(tokens) if tokens else None


def _mean(tokens: Sequence[int]) -> Estimate:
    mean = sum(tokens) / len(tokens)
    variance = sum((one - mean) ** 2 for one in tokens) / max(1, len(tokens) - 1)
    error = ERRORS * math.sqrt(variance / len(tokens)) + DRIFT * mean
    return Estimate(low=max(0.0, mean - error), likely=mean, high=mean + error)


def bytes_a_row(store: Store, job: str) -> float | None:
    """What a row takes in this output's files, None without rows."""
    files = [one for run in runs_with_tables(store) if (one := run.tables.get(job)) and one.rows]
    if not files:
        return None
    sizes = {entry.path: entry.size for entry in store.files(job)}
    return sum(sizes.get(file.path, 0) for table in files for file in table.files) / sum(table.rows for table in files)
