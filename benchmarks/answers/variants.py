"""What is put to the model: ours, and ours with one part off at a time. The baseline is in baseline.py.

A variant changes what goes into the pipeline's own stages: the document, the job, the prompts. The package knows
nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from benchmarks.answers.documents.cases import Case
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.records import CleanDocument
from qwen_batch.run.document.work import Work

BASELINE = "baseline"
BASELINE_TOKENS = 6_000
PLAIN_JOBS = {"cuad_contract": "cuad_plain"}


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to ask. `sets` None is every set; `is_ablation` ones ask the fixed subset of the contracts.

    `first_tokens` asks about no more than the beginning; `job` gives the name of the job; `constrained` False asks
    without a grammar; `attempts` None leaves the package's own number.
    """

    name: str
    says: str
    sets: tuple[str, ...] | None = ("cuad",)
    is_ablation: bool = True
    uncleaned: bool = False
    first_tokens: int | None = None
    job: Callable[[str], str] = str
    constrained: bool = True
    attempts: int | None = None


def variant_text(variant: Variant, case: Case) -> CleanDocument:
    """The text in which a variant's offsets count."""
    return (case.uncleaned if variant.uncleaned else None) or case.clean


def asked_text(variant: Variant, case: Case, tokenizer: Tokenizer) -> CleanDocument:
    """What a variant asks about: the text, or the beginning of it."""
    clean = variant_text(variant, case)
    ends = tokenizer.token_ends(clean.text) if variant.first_tokens else []
    if not variant.first_tokens or len(ends) <= variant.first_tokens:
        return clean
    end = ends[variant.first_tokens - 1]
    lines = tuple(replace(line, end=min(line.end, end)) for line in clean.lines if line.start < end)
    return replace(clean, text=clean.text[:end], lines=lines)


def without_grammar(work: Work) -> Work:
    """The same prompts, but the engine may answer anything."""
    return replace(work, prompts=tuple(replace(prompt, json_schema=None) for prompt in work.prompts))


def _plain(job: str) -> str:
    return PLAIN_JOBS.get(job, job)


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("ours", "everything on", sets=None, is_ablation=False),
        Variant("no_cleaning", "headers, footers, page numbers and column order left as they are", uncleaned=True),
        Variant("no_constraint", "no grammar: json.loads, pydantic, repair", constrained=False),
        Variant("no_chunking", f"the first {BASELINE_TOKENS:,} tokens in one prompt", first_tokens=BASELINE_TOKENS),
        Variant("no_quoting", "a job whose models have no quote", job=_plain),
        Variant("no_repair", "one attempt", attempts=1),
    )
}
NAMES = (BASELINE, *VARIANTS)
