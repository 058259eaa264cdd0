"""What is put to the model: ours, and ours with one part off at a time. The baseline is in baseline.py.

A variant changes what goes into the pipeline's own stages: the document, the job, the settings, the prompts. The
package knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from benchmarks.answers.documents.cases import Case
from qwen_batch.records import CleanDocument
from qwen_batch.run.document.work import Work

BASELINE = "baseline"
BASELINE_TOKENS = 6_000
PLAIN_JOBS = {"cuad_contract": "cuad_plain"}
SHIPPED: Mapping[str, Mapping[str, str]] = {
    "contract_terms": {
        "parties": "parties",
        "agreement_date": "agreement_date",
        "effective_date": "effective_date",
        "expiration": "expiration_date",
        "renewal": "renewal_term",
        "governing_law": "governing_law",
        "notice_period": "notice_period",
        "liability_cap": "cap_on_liability",
    },
    "contract_summary": {
        "parties": "parties",
        "effective_date": "effective_date",
        "governing_law": "governing_law",
        "renewal": "renewal_term",
        "liability": "cap_on_liability",
    },
}
"""Jobs as they are shipped: their fields, and the labels that say the same."""
SEEDS = 3
"""How often the shipped jobs are asked: they are sampled, so the answers differ."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to ask. `sets` None is every set; `is_ablation` ones ask the fixed subset of the contracts.

    `settings` are further ones as section.key=value; `job` gives the name of the job, `labels` its fields by label
    where they have other names; `constrained` False asks without a grammar; `attempts` None leaves the package's own
    number.
    """

    name: str
    says: str
    sets: tuple[str, ...] | None = ("cuad",)
    is_ablation: bool = True
    uncleaned: bool = False
    settings: tuple[str, ...] = ()
    job: Callable[[str], str] = str
    labels: Mapping[str, str] = field(default_factory=dict)
    constrained: bool = True
    attempts: int | None = None


def variant_text(variant: Variant, case: Case) -> CleanDocument:
    """The text in which a variant's offsets count."""
    return (case.uncleaned if variant.uncleaned else None) or case.clean


def without_grammar(work: Work) -> Work:
    """The same prompts, but the engine may answer anything."""
    return replace(work, prompts=tuple(replace(prompt, json_schema=None) for prompt in work.prompts))


def _plain(job: str) -> str:
    return PLAIN_JOBS.get(job, job)


def _shipped(job: str, number: int) -> Variant:
    return Variant(
        f"{job}_{number}",
        f"the shipped {job}, with its own sampling",
        is_ablation=False,
        job=lambda _: job,
        labels={label: name for name, label in SHIPPED[job].items()},
    )


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("ours", "everything on", sets=None, is_ablation=False),
        Variant("whole", "all of the document in one prompt", is_ablation=False, settings=("prompt.select=whole",)),
        Variant("one_reading", "no second reading", is_ablation=False, settings=("prompt.second_reading=false",)),
        Variant("one_passage", "one passage a field", settings=("prompt.select=1",)),
        Variant("three_passages", "three passages a field", settings=("prompt.select=3",)),
        Variant("no_cleaning", "headers, footers, page numbers and column order left as they are", uncleaned=True),
        Variant("no_constraint", "no grammar: json.loads, pydantic, repair", constrained=False),
        Variant("no_quoting", "a job whose models have no quote", job=_plain),
        Variant("no_repair", "one attempt", attempts=1),
        *(_shipped(job, number + 1) for job in SHIPPED for number in range(SEEDS)),
    )
}
NAMES = (BASELINE, *VARIANTS)
