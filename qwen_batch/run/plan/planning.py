"""From a run's request to its plan. Reads documents and output; writes the text cache alone, and takes no lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from qwen_batch.errors import OutputError
from qwen_batch.output.copies import copyable
from qwen_batch.output.key_set import KeySet
from qwen_batch.output.keys import DoneKeys, Key
from qwen_batch.output.layout import OUTPUT_NAMES, SOURCES
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.log.plan import Plan, PlannedDocuments, PlannedJob
from qwen_batch.packages import __version__
from qwen_batch.reading.discover import Discovered, sources_to_documents
from qwen_batch.reading.document_to_text import make_tools
from qwen_batch.reading.listing import inputs_to_listing
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.fingerprints import limits_fingerprint
from qwen_batch.run.plan.costing import planned_costs
from qwen_batch.run.plan.counting import Counted, count_documents
from qwen_batch.run.plan.jobs import guessed_output, job_reading
from qwen_batch.run.plan.known import output_tokens_a_row
from qwen_batch.run.plan.notes import plan_notes
from qwen_batch.run.plan.pacing import Looked
from qwen_batch.run.plan.sampling import Asking, Sampled, read_sample
from qwen_batch.run.request import RunRequest
from qwen_batch.run.todo.owed import Settled, owed_works, settled_of
from qwen_batch.storage.identity import by_known_names
from qwen_batch.storage.places import Store
from qwen_batch.storage.sources import read_index

LOOKS = 3
"""How often an output is looked at in which a run moves files meanwhile."""
Progress = Callable[[str], None]


class _Unheld:
    """The fence of an output that is only read."""

    def check(self) -> None:
        """Raises OutputError: nothing may be written."""
        raise OutputError("a plan writes no rows", "report this as a bug")


@dataclass(frozen=True, slots=True)
class _Owing:
    """What there is, and what of it is settled; `copied` are answered as soon as a run finds their content's rows."""

    found: Discovered
    settled: Settled
    copied: frozenset[Key]

    @property
    def owed(self) -> frozenset[Key]:
        return self.settled.owed - self.copied


@dataclass(frozen=True, slots=True)
class _Sample:
    counted: Sequence[Counted]
    sampled: Sequence[Sampled]


def make_plan(request: RunRequest[RunSpec], progress: Progress = lambda _: None) -> Plan:
    """The plan of a run that has been prepared. Raises what such a run would raise before its first document."""
    owing = _owing(request)
    works = list(owed_works(owing.found.documents, _fingerprints(request), KeySet(owing.owed)))
    progress(f"{len(owing.found.documents)} documents, {len(works)} to do: each is opened")
    tools = make_tools(request.spec.config)
    with tools.isolator:
        counted = count_documents(works, tools)
        spec = request.fit(request.spec, [work.document for work in works])
        asking = Asking(spec, make_tokenizer(spec), load_jobs(spec))
        sampled = read_sample(counted, asking, tools, progress)
    of_documents = _fingerprints(request)
    jobs = tuple(_job(name, owing, _Sample(counted, sampled), asking, request.store) for name in of_documents)
    costs = planned_costs(Looked(counted, sampled, jobs), spec, request.store)
    plan = Plan(
        planned_at=datetime.now(UTC),
        version=__version__,
        inputs=request.inputs,
        limit=request.limit,
        model=spec.model_name,
        engine=spec.plan.kind,
        gpus=costs.gpus,
        documents=_documents(owing, counted),
        pages=sum(one.pages for one in counted),
        ocr_pages=costs.ocr_pages,
        ocr_pages_to_do=costs.ocr_pages_to_do,
        kinds=costs.kinds,
        jobs=jobs,
        prompt_tokens=costs.prompt_tokens,
        output_tokens=costs.output_tokens,
        sampled=sum(one.asked is not None for one in sampled),
        stages=costs.times.stages,
        seconds=costs.times.seconds,
        gpu_hours=costs.gpu_hours,
        price=costs.price,
        disk=costs.disk,
        notes=(),
    )
    return plan.model_copy(update={"notes": tuple(plan_notes(plan, sampled, spec))})


def _owing(request: RunRequest[RunSpec]) -> _Owing:
    store = request.store
    listing = inputs_to_listing(request.inputs, request.limit, store.root, OUTPUT_NAMES)
    known = read_index(store, SOURCES)
    found = sources_to_documents(by_known_names(listing.sources, known), known, request.spec.config.read, request.limit)
    documents = [*found.documents, *(failure.document for failure in found.failures)]
    done = _done_keys(store)
    limits = limits_fingerprint(request.spec.config)
    settled = settled_of(documents, _fingerprints(request), done, limits, request.only)
    copied = frozenset(
        key._replace(source_uri=name)
        for answered in (done.records, done.skips)
        for key, names in copyable(settled.owed, answered).items()
        for name in names
    )
    return _Owing(found, settled, copied)


def _done_keys(store: Store) -> DoneKeys:
    """What has rows; a run that publishes meanwhile moves its files."""
    for _ in range(LOOKS):
        try:
            return Ledger(store, _Unheld()).done_keys()
        except FileNotFoundError:
            continue
    raise OutputError(f"{store.root}: a run moves its files at this moment", "plan again when it has published")


def _documents(owing: _Owing, counted: Sequence[Counted]) -> PlannedDocuments:
    owed = {(key.doc_id, key.source_uri) for key in owing.owed}
    return PlannedDocuments(
        found=len(owing.found.documents) + len(owing.found.failures),
        done=sum((one.id, one.uri) not in owed for one in owing.found.documents),
        unusable=len(owing.found.failures),
        to_do=len(counted),
        read_before=sum(one.kept_before for one in counted),
        recognised_before=sum(one.recognised for one in counted),
    )


def _job(name: str, owing: _Owing, sample: _Sample, asking: Asking, store: Store) -> PlannedJob:
    counted = sample.counted
    reading = job_reading(name, counted, sample.sampled)
    documents = sum(name in one.work.jobs and one.pages > 0 for one in counted)
    each = output_tokens_a_row(store, name, asking.spec.model_name)
    told = each.times(documents) if each else None
    settled = owing.settled
    before = [Counter(key.job for key in keys)[name] for keys in (settled.records, settled.failures, settled.skips)]
    return PlannedJob(
        job=name,
        fingerprint=asking.spec.fingerprints[name],
        documents=documents,
        done=before[0] + sum(key.job == name for key in owing.copied),
        failed=before[1],
        skipped=before[2],
        prompts=reading.prompts,
        prompt_tokens=reading.tokens,
        output_tokens=told or guessed_output(asking.jobs[name], documents, reading.prompts, asking.tokenizer),
        output_from="nothing" if not documents else "rows" if told else "guess",
    )


def _fingerprints(request: RunRequest[RunSpec]) -> dict[str, str]:
    """Of the jobs that are asked of documents: of rows that are not there yet nothing can be told."""
    return {product.name: product.fingerprint for product in request.products if product.grouping is None}
