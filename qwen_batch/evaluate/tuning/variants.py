"""What may be tried of a job, one thing at a time: descriptions, words to look for, the order of fields, settings.

Descriptions are those that the job gives itself (`Alternatives`), else made by rule. Words come from around the quotes
of the dev half's gold, never from the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qwen_batch.cjk import is_cjk
from qwen_batch.errors import JobError
from qwen_batch.evaluate.gold import GoldDocument
from qwen_batch.evaluate.tuning.source import JobText
from qwen_batch.job.alternatives import Alternatives
from qwen_batch.job.definition import Job, job_schema
from qwen_batch.job.files import JobSource, load_job
from qwen_batch.job.rules import DERIVED_KEY
from qwen_batch.schema_walk import definitions_of, resolved
from qwen_batch.value_paths import top_field

AROUND_CHARS = 60
MAX_WORDS = 6
MIN_DOCUMENTS = 2
"""Words that stand around the quotes of fewer documents are those of one document."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_CJK_PAIR = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
_CLAUSE = re.compile(r"[;,；，]\s*")
SELECTS = ("1", "3", "4", "whole")
REJECTS = ("0", "0.3", "0.5")


@dataclass(frozen=True, slots=True)
class Variant:
    """A change: of what kind and in which field, in words; `edit` changes the job's text, `settings` are of a run."""

    factor: str
    words: str
    edit: Callable[[str], str | None] | None = None
    settings: tuple[str, ...] = ()


def job_variants(source: JobSource, job: Job, gold: Sequence[GoldDocument], texts: Mapping[str, str]) -> list[Variant]:
    """The changes to a job's file that can be made and give another job; `texts` are those of gold's sources."""
    found = (*_descriptions(job), *_phrases(job, gold, texts), *_orders(job))
    return [one for one in found if one.edit is not None and is_other(source, one.edit(source.text))]


def setting_variants(job: Job) -> list[Variant]:
    """The settings that may be tried: passages a field, and below which confidence a value is left out."""
    selects = [Variant("passages", f"prompt.select={one}", settings=(f"prompt.select={one}",)) for one in SELECTS]
    may_reject = any("quote" in one.get("properties", {}) for one in definitions_of(job_schema(job)).values())
    rejects = [
        Variant("threshold", f"confidence.reject_below={one}", settings=(f"confidence.reject_below={one}",))
        for one in REJECTS
    ]
    return selects + (rejects if may_reject else [])


def is_other(source: JobSource, text: str | None) -> bool:
    """Whether a text is a job that may be asked, and not the same question."""
    if text is None or text == source.text:
        return False
    try:
        return job_schema(load_job(JobSource(source.path, text))) != job_schema(load_job(source)) or _order(
            source.text, source.path
        ) != _order(text, source.path)
    except JobError:
        return False


def _order(text: str, path: str) -> list[str]:
    return list(load_job(JobSource(path, text)).schema.model_fields)


def _asked(job: Job) -> dict[str, str]:
    """The fields that the model fills in, with their descriptions."""
    fields = job_schema(job)["properties"]
    return {name: str(one.get("description", "")) for name, one in fields.items() if DERIVED_KEY not in one}


def _descriptions(job: Job) -> Iterator[Variant]:
    model = job.schema.__name__
    for name, field in job.schema.model_fields.items():
        given = [text for mark in field.metadata if isinstance(mark, Alternatives) for text in mark.descriptions]
        for text in given or _by_rule(name, _asked(job).get(name, "")):
            yield Variant(f"description of {name}", repr(text), _with_description(model, name, text))


def _by_rule(name: str, description: str) -> Iterator[str]:
    words = name.replace("_", " ")
    if description and not set(words.split()) <= set(description.lower().split()):
        yield f"{words}: {description}"
    first = _CLAUSE.split(description)[0]
    if first and first != description:
        yield first


def _with_description(model: str, field: str, text: str) -> Callable[[str], str | None]:
    return lambda source: JobText(source).with_description(model, field, text)


def _phrases(job: Job, gold: Sequence[GoldDocument], texts: Mapping[str, str]) -> Iterator[Variant]:
    model = job.schema.__name__
    for name in _asked(job):
        words = _words_around(name, gold, texts)
        if words:
            phrase = "".join(words) if any(map(is_cjk, words[0])) else " ".join(words)
            yield Variant(f"words for {name}", repr(phrase), _with_phrases(model, name, phrase))


def _with_phrases(model: str, field: str, phrase: str) -> Callable[[str], str | None]:
    return lambda source: JobText(source).with_phrases(model, field, [phrase])


def _words_around(name: str, gold: Sequence[GoldDocument], texts: Mapping[str, str]) -> list[str]:
    """The words that stand around a field's quotes in most documents, without those of its values."""
    within: Counter[str] = Counter()
    for document in gold:
        text = texts.get(document.source, "")
        around: set[str] = set()
        for path, places in document.evidence.items():
            if top_field(path) != name:
                continue
            values = " ".join(str(one) for value in document.fields[path] for one in value.accepted).lower()
            for place in places:
                at = text.find(place.quote) if place.quote else -1
                if at >= 0:
                    near = text[max(0, at - AROUND_CHARS) : at + len(place.quote) + AROUND_CHARS].lower()
                    around |= {word for word in (*_WORD.findall(near), *_CJK_PAIR.findall(near)) if word not in values}
        within.update(around)
    usual = _usual(texts)
    common = [(word, count) for word, count in within.items() if count >= MIN_DOCUMENTS and word not in usual]
    return [word for word, _ in sorted(common, key=lambda pair: (-pair[1], pair[0]))[:MAX_WORDS]]


def _usual(texts: Mapping[str, str]) -> frozenset[str]:
    """Words of which every document has many: they tell no passage from another."""
    counts = [Counter(_WORD.findall(text.lower())) for text in texts.values()]
    every = set.intersection(*(set(one) for one in counts)) if counts else set()
    return frozenset(word for word in every if min(one[word] for one in counts) > 1)


def _orders(job: Job) -> Iterator[Variant]:
    model, names = job.schema.__name__, list(job.schema.model_fields)
    schema = job_schema(job)
    lists = {
        name
        for name, one in schema["properties"].items()
        if resolved(one, definitions_of(schema)).get("type") == "array"
    }
    plain_first = [name for name in names if name not in lists] + [name for name in names if name in lists]
    lists_first = [name for name in names if name in lists] + [name for name in names if name not in lists]
    orders = {"reversed": names[::-1], "lists last": plain_first, "lists first": lists_first}
    seen = [names]
    for words, order in orders.items():
        if order not in seen:
            seen.append(order)
            yield Variant("order of fields", words, _with_order(model, order))


def _with_order(model: str, order: Sequence[str]) -> Callable[[str], str | None]:
    return lambda source: JobText(source).with_order(model, order)
