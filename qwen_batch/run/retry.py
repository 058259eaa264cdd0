"""From an output to the request that does its failures again, with the settings of its newest run."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qwen_batch.config_file import load_config, recorded_config
from qwen_batch.errors import UsageError, WrongOutputError
from qwen_batch.job.files import JobSource, find_job
from qwen_batch.output.layout import SOURCES, open_output, run_manifests
from qwen_batch.output.manifest import RunManifest
from qwen_batch.output.status import UnresolvedFailure, unresolved_failures
from qwen_batch.reading.extract import EXTRACT, ExtractSpec
from qwen_batch.run.arguments import JobsAndInputs
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.prepare import Place, prepare_extract, prepare_jobs
from qwen_batch.run.request import Question, RunRequest
from qwen_batch.storage.places import Store, is_s3
from qwen_batch.storage.sources import KnownSource, read_index
from qwen_batch.storage.uris import archives_in, is_group, uri_to_path


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which failures: those with one of the codes and of one of the jobs; none named means all."""

    codes: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retry:
    """What is to be done again; exactly one of the requests is there, or none if nothing is left to do."""

    run: RunRequest[RunSpec] | None
    extract: RunRequest[ExtractSpec] | None
    messages: tuple[str, ...]


def prepare_retry(wanted: Wanted, place: Place, config_path: Path | None, overrides: tuple[str, ...]) -> Retry:
    """Finds the unresolved failures and prepares their run.

    The settings are those that the newest run recorded, or those of `config_path`; `overrides` go on top. Raises
    UsageError for a code or job that no failure has, WrongOutputError for a place that is no output.
    """
    store = open_output(place.output)
    manifests = _manifests(store)
    failures = _chosen(unresolved_failures(store), wanted)
    index = read_index(store, SOURCES)
    gone = {one.source_uri for one in failures if _is_gone(one.source_uri, index)}
    again = [one for one in failures if one.source_uri not in gone]
    messages = [f"{len(again)} failures are tried again"] if again else ["there is no failure to try again"]
    if gone:
        messages.append(f"{len(gone)} files that failed are gone, the first {min(gone)}")
    if not again:
        return Retry(None, None, tuple(messages))
    config = load_config(config_path, overrides) if config_path else recorded_config(_settings(manifests), overrides)
    inputs = _inputs(again, manifests)
    only = frozenset(Question(one.source_uri, one.job) for one in again)
    jobs = sorted({one.job for one in again})
    if jobs == [EXTRACT]:
        return Retry(None, prepare_extract(inputs, config, place, only), tuple(messages))
    if EXTRACT in jobs:
        raise UsageError("there are failures of extract and of jobs", f"choose with --job: {', '.join(jobs)}")
    asked = JobsAndInputs(_job_sources(jobs, manifests, Path(config.jobs_dir)), inputs)
    prepared = prepare_jobs(asked, config, place, only, _params(jobs, manifests))
    return Retry(prepared.request, None, (*messages, *prepared.messages))


def _inputs(failures: Sequence[UnresolvedFailure], manifests: Sequence[RunManifest]) -> tuple[str, ...]:
    """The files that failed; for a group, whose members may be any, what the newest run of its job was given."""
    of_groups = {one.job for one in failures if is_group(one.source_uri)}
    newest = (next((run.inputs for run in manifests if job in run.job_files), ()) for job in of_groups)
    files = {one.source_uri for one in failures if not is_group(one.source_uri)}
    return tuple(sorted(files.union(*newest)))


def _job_sources(names: Sequence[str], manifests: Sequence[RunManifest], jobs_dir: Path) -> tuple[JobSource, ...]:
    """The jobs' files as they are now, where the newest run that had them found them."""
    files: dict[str, str] = {}
    for manifest in manifests:
        for name, path in manifest.job_files.items():
            files.setdefault(name, path)
    return tuple(find_job(files.get(name, name), jobs_dir) for name in names)


def _params(names: Sequence[str], manifests: Sequence[RunManifest]) -> dict[str, str]:
    """The parameters that the newest run of these jobs was given."""
    newest = (next((run.job_params[name] for run in manifests if name in run.job_params), {}) for name in names)
    return {key: value for given in newest for key, value in given.items()}


def _chosen(failures: Sequence[UnresolvedFailure], wanted: Wanted) -> list[UnresolvedFailure]:
    for named, there, kind in (
        (wanted.codes, Counter(one.code for one in failures), "code"),
        (wanted.jobs, Counter(one.job for one in failures), "job"),
    ):
        if unknown := [name for name in named if name not in there]:
            known = ", ".join(f"{count} x {name}" for name, count in sorted(there.items())) or "no failures at all"
            raise UsageError(f"no failure with the {kind} {unknown[0]!r}", f"there are: {known}")
    return [
        one
        for one in failures
        if (not wanted.codes or one.code in wanted.codes) and (not wanted.jobs or one.job in wanted.jobs)
    ]


def _is_gone(uri: str, index: Mapping[str, KnownSource]) -> bool:
    known = index.get(uri)
    if known is not None and known.state == "deleted":
        return True
    is_elsewhere = is_s3(uri) or is_group(uri)
    return not is_elsewhere and not any(os.path.lexists(uri_to_path(place)) for place in (uri, *archives_in(uri)))


def _settings(manifests: Sequence[RunManifest]) -> dict[str, Any]:
    """Those of the newest run that has some; `apply` has none."""
    return next((one.config for one in manifests if one.config), {})


def _manifests(store: Store) -> list[RunManifest]:
    """The run manifests, newest first."""
    manifests = list(reversed(run_manifests(store)))
    if not manifests:
        raise WrongOutputError(f"{store.root}: no published run to retry", "run the first command again to finish it")
    return manifests
