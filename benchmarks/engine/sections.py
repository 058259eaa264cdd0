"""The sections of the engine benchmark: what is compared with what."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from benchmarks.common import ROOT
from benchmarks.engine.documents import write_pdfs, write_texts
from benchmarks.engine.measured import Measured
from benchmarks.engine.serve import serve_rate
from benchmarks.engine.setting import Setting, helper, ours, ours_with
from benchmarks.engine.whole import whole_prompts
from qwen_batch.engine.devices import gpu_count

USAGE = ("engine_start_s", "gpu_busy", "gpu_memory_peak_bytes", "per_1000_pages")
PRECISIONS = {
    "bf16": (),
    "fp8": ("engine.precision=fp8",),
    "fp8-kv": ("engine.precision=fp8", "engine.kv_cache=fp8", "engine.max_batched_tokens=32768"),
}
SHIPPED_JOB = ROOT / "jobs" / "contract_terms.py"
LONG_ROOM_TOKENS = 4096
"""What the context of a long prompt has beside it."""
PDF_SOURCES = 28
"""The smallest of the folder: about 5,000 tokens each."""


def texts(setting: Setting) -> None:
    """Ours from clean text, by shape."""
    for tokens_in, tokens_out, count in setting.size.shapes:
        name = f"{tokens_in}/{tokens_out}"
        folder = setting.work_folder("texts")
        write_texts(folder / "in", count, tokens_in, setting.model, seed=len(setting.results))
        found = ours(setting, folder, folder / "in", tokens_out)
        _say_ours(setting, "texts", name, found)
        _keep(name, found, tokens_out)
        shutil.rmtree(folder)


def pdfs(setting: Setting) -> None:
    """Ours from digital PDFs to Parquet."""
    if setting.pdfs is None:
        raise ValueError("give --pdfs")
    sources = _pdf_sources(setting.pdfs)
    folder = setting.work_folder("pdfs")
    write_pdfs(folder / "in", sources, setting.size.pdf_copies)
    found = ours(setting, folder, folder / "in", setting.size.pdf_tokens)
    _say_ours(setting, "pdfs", f"{len(sources) * setting.size.pdf_copies} PDFs", found)
    _keep("pdfs", found, setting.size.pdf_tokens)
    shutil.rmtree(folder)


def whole(setting: Setting) -> None:
    """Documents a second: a shipped job from PDFs with its passages, against LLM.generate over whole documents."""
    if setting.pdfs is None:
        raise ValueError("give --pdfs")
    folder = setting.work_folder("whole")
    write_pdfs(folder / "in", _pdf_sources(setting.pdfs, None), setting.size.pdf_copies)
    documents = len(list((folder / "in").iterdir()))
    found = ours_with(setting, folder, folder / "in", setting.size.pdf_tokens, [SHIPPED_JOB])
    seconds = found.ended_s - found.began_s
    _say_ours(setting, "whole", f"{documents} PDFs", found, documents_a_s=documents / seconds)
    ids = whole_prompts(folder / "in", SHIPPED_JOB, setting.engine_settings())
    (generated,) = _sets_of(helper(setting, "raw", {"sets": {"whole": (ids, setting.size.pdf_tokens, 0)}}))
    figures = {"documents_a_s": generated["rate"], "tokens_in": sum(map(len, ids))}
    ratio = documents / seconds / generated["rate"]
    setting.say("whole", f"raw, {len(ids)} prompts", **figures, seconds=generated["seconds"], ours_to_raw=ratio)
    shutil.rmtree(folder)


def raw(setting: Setting) -> None:
    """LLM.generate with every prompt at once over what ours was asked."""
    kept = _all_kept()
    _say_generated(setting, "raw", {name: (one["ids"], one["tokens"], 0) for name, one in kept.items()}, kept)


def fours(setting: Setting) -> None:
    """LLM.generate over some of the same prompts in fours, one after the other."""
    kept = _all_kept()
    name = next((name for name in kept if name.startswith("3000/")), next(iter(kept)))
    some = kept[name]["ids"][: 4 * setting.size.alone_prompts]
    _say_generated(setting, "fours", {name: (some, kept[name]["tokens"], 4)}, kept)


def jobs(setting: Setting) -> None:
    """One, two and four jobs in one pass."""
    tokens_in, tokens_out, count = setting.size.jobs_shape
    one_rate = None
    for number in setting.size.jobs:
        folder = setting.work_folder("jobs")
        write_texts(folder / "in", count, tokens_in, setting.model, seed=90 + number)
        found = ours(setting, folder, folder / "in", tokens_out, number)
        one_rate = one_rate or found.rate
        _say_ours(setting, "jobs", f"{number} at {tokens_in}/{tokens_out}", found, to_one_job=found.rate / one_rate)
        shutil.rmtree(folder)


def shards(setting: Setting) -> None:
    """Batch sizes at one shard and at auto in flight."""
    size = setting.size
    points = [(f"batch {batch}, auto in flight", batch, 0, size.sweep_prompts) for batch in size.sweep]
    points += [(f"batch {batch}, 1 in flight", batch, 1, max(size.alone_prompts, batch)) for batch in size.sweep]
    for found in helper(setting, "shards", _shard_prompts(setting) | {"points": points}):
        setting.say("shards", found.pop("name"), **found)


def long(setting: Setting) -> None:
    """One very long prompt beside short ones, in a context that holds it."""
    size = setting.size
    asked = _shard_prompts(setting) | {"long_tokens": size.long_tokens, "beside": size.short_beside}
    context = f"engine.max_model_len={size.long_tokens + LONG_ROOM_TOKENS}"
    for found in helper(setting, "shards", asked, context):
        setting.say("long", found.pop("name"), **found)


def precision(setting: Setting) -> None:
    """bf16, fp8, fp8 with an fp8 KV cache: the same prompts, one engine after the other."""
    point = [("batch 4, auto in flight", 4, 0, setting.size.sweep_prompts * 4)]
    asked = _shard_prompts(setting) | {"points": point}
    bf16_rate = None
    for name in setting.size.precisions:
        found = {one["name"]: one for one in helper(setting, "shards", dict(asked), *PRECISIONS[name])}
        if point[0][0] not in found:
            setting.say("precision", f"{name}: failed")
            continue
        rate = found[point[0][0]]["rate"]
        bf16_rate = rate if name == "bf16" else bf16_rate
        ratio = {"to_bf16": rate / bf16_rate} if bf16_rate else {}
        setting.say("precision", name, rate=rate, start_s=found["start"]["seconds"], **ratio)


def probabilities(setting: Setting) -> None:
    """What the probabilities of tokens cost on short documents, without Ray and with it."""
    tokens_in, tokens_out, count = setting.size.shapes[0]
    asked = {"ids": [tuple(range(1000, 1000 + tokens_in))] * count, "tokens": tokens_out}
    asked |= {"points": [("shards", 4, 0, count)]}
    for wanted in ("true", "false"):
        more = f"engine.logprobs={wanted}"
        for found in helper(setting, "shards", dict(asked), more):
            setting.say("probabilities", f"{more}: {found.pop('name')}", **found)
        folder = setting.work_folder("probabilities")
        write_texts(folder / "in", count, tokens_in, setting.model, seed=50 + len(setting.results))
        found_ours = ours(setting, folder, folder / "in", tokens_out, 1, more)
        _say_ours(setting, "probabilities", f"{more}: ours", found_ours)
        shutil.rmtree(folder)


def start(setting: Setting) -> None:
    """An engine compiled, started again, and eager."""
    asked = _shard_prompts(setting) | {"points": [("batch 4, auto in flight", 4, 0, setting.size.sweep_prompts)]}
    for name, settings in {"again": (), "eager": ("engine.eager=true",)}.items():
        for found in helper(setting, "shards", dict(asked), *settings):
            setting.say("start", f"{name}: {found.pop('name')}", **found)


def replicas(setting: Setting) -> None:
    """Engines on one GPU, two, four and so on up to all, or as many as asked, with as many documents an engine."""
    tokens_in, tokens_out, count = setting.size.jobs_shape
    one = None
    for number in setting.size.replicas or [1 << power for power in range(max(1, gpu_count()).bit_length())]:
        folder = setting.work_folder("replicas")
        write_texts(folder / "in", count * number, tokens_in, setting.model, seed=200 + number)
        found = ours(setting, folder, folder / "in", tokens_out, 1, f"engine.replicas={number}")
        one = found if number == 1 else one
        linear = {} if one is None else {"of_linear": found.rate / one.rate / number}
        engines = {"shares": found.shares, "apart_s": found.apart_s}
        _say_ours(setting, "replicas", f"{number} at {tokens_in}/{tokens_out}", found, **linear, **engines)
        shutil.rmtree(folder)


def loop(setting: Setting) -> None:
    """The hand-written loop over the same PDFs, once each: its documents a second, reading and answering together."""
    if setting.pdfs is None:
        raise ValueError("give --pdfs")
    files = [str(file) for file in _pdf_sources(setting.pdfs)]
    found = helper(setting, "loop", {"files": files, "tokens": setting.size.pdf_tokens})
    seconds = {one["name"]: one["seconds"] for one in found}
    setting.say("loop", f"{len(files)} PDFs", **seconds, rate=len(files) / (sum(seconds.values()) - seconds["start"]))


def serve(setting: Setting) -> None:
    """A server of vLLM's with 256 requests in flight on documents of the jobs' shape."""
    tokens_in, tokens_out, count = setting.size.jobs_shape
    folder = setting.work_folder("serve")
    write_texts(folder / "in", count, tokens_in, setting.model, seed=77)
    found = serve_rate(setting, folder / "in", tokens_out)
    setting.say("serve", f"{tokens_in}/{tokens_out}, 256 in flight", **found)


def _sets_of(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in told if one["name"] != "start"]


def _pdf_sources(folder: Path, count: int | None = PDF_SOURCES) -> list[Path]:
    return sorted(folder.rglob("*.[pP][dD][fF]"), key=lambda path: path.stat().st_size)[:count]


def _shard_prompts(setting: Setting) -> dict[str, object]:
    """Recorded prompts of the middle shape, or zeros of its length: their first tokens are drawn anew anyway."""
    tokens_in, tokens_out, _ = setting.size.jobs_shape
    ids = [tuple(range(1000, 1000 + tokens_in))] * max(setting.size.sweep_prompts * 4, setting.size.short_beside)
    return {"ids": ids, "tokens": tokens_out}


def _say_generated(setting: Setting, section: str, sets: dict[str, Any], kept: dict[str, dict[str, Any]]) -> None:
    for found in helper(setting, "raw", {"sets": sets}):
        name = found.pop("name")
        ratio = {f"ours_to_{section}": kept[name]["rate"] / found["rate"]} if name in sets else {}
        setting.say(section, name, **found, **ratio)


def _say_ours(setting: Setting, section: str, name: str, found: Measured, **more: Any) -> None:
    setting.say(
        section,
        name,
        rate=found.rate,
        steady=found.steady,
        answers=found.answers,
        seconds=found.ended_s - found.began_s,
        tokens_in=found.prompt_tokens,
        cached=found.cached_tokens,
        tokens_out=found.output_tokens,
        **({} if found.busy is None else {"busy_10_90": found.busy}),
        **{key: value for key, value in found.usage.items() if key in USAGE and value is not None},
        **more,
    )


def _keep(name: str, found: Measured, tokens: int) -> None:
    file = _kept() / f"{name.replace('/', '_')}.pickle"
    file.write_bytes(pickle.dumps({"ids": found.ids, "tokens": tokens, "rate": found.rate}))


def _all_kept() -> dict[str, dict[str, Any]]:
    return {file.stem.replace("_", "/"): pickle.loads(file.read_bytes()) for file in _kept().glob("*.pickle")}  # noqa: S301


def _kept() -> Path:
    folder = Path(os.environ.get("QB_WORK", gettempdir()), "qb-engine-ids")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


SECTIONS: dict[str, Callable[[Setting], None]] = {
    "texts": texts,
    "pdfs": pdfs,
    "whole": whole,
    "raw": raw,
    "fours": fours,
    "jobs": jobs,
    "shards": shards,
    "long": long,
    "precision": precision,
    "probabilities": probabilities,
    "start": start,
    "serve": serve,
    "replicas": replicas,
    "loop": loop,
}
