"""Gold records: what a perfect reader would return for every sample.

Owns the JSON shapes in ``gold/``. Page numbers are found, not typed in: a quote
must stand on exactly one page, once, or the generator stops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from gen_model import FACTS, PRICE, Fact, Sample, SampleError

if TYPE_CHECKING:
    from gen_bad import BadFile

DEMO_FIELDS = {"effective_date": "date", "term": "value", PRICE: "value", "governing_law": "jurisdiction"}
"""The facts of the demo's job besides the parties, each with the key of its value."""
Json: TypeAlias = "str | int | list[Json] | dict[str, Json] | None"


def sample_to_bodies(sample: Sample) -> list[str]:
    """Return the body text of each page: blocks separated by a blank line.

    A Markdown sample is its own body, markup included.
    """
    if sample.source.endswith(".md"):
        return [sample.text.strip()]
    return ["\n\n".join(block.text for block in page) for page in sample.pages]


def sample_to_page_records(sample: Sample) -> list[Json]:
    """Return one record per page, with running headers and footers apart."""
    bodies = sample_to_bodies(sample)
    records: list[Json] = []
    for page, body in enumerate(bodies, start=1):
        header: list[Json] = []
        footer: list[Json] = []
        if sample.layout:
            header = [*sample.layout.header_lines(page)]
            footer = [*sample.layout.footer_lines(page, len(bodies))]
        records.append(
            {
                "source": sample.source,
                "page": page,
                "body": body,
                "header": header,
                "footer": footer,
            }
        )
    return records


def sample_to_contract_record(sample: Sample) -> Json:
    """Return the labels of a contract; a fact that it does not state is null."""
    bodies = sample_to_bodies(sample)
    labels: dict[str, Json] = {"parties": [{"name": p.name, "role": p.role} for p in sample.parties]}
    for party in sample.parties:
        if party.name not in "\n".join(bodies):
            message = f"{sample.source}: party not in the text: {party.name}"
            raise SampleError(message)
    for name in FACTS:
        fact = sample.labels.get(name)
        labels[name] = _located(fact, bodies, sample) if fact else None
    return {**_head(sample), "labels": labels}


def sample_to_report_record(sample: Sample) -> Json:
    """Return the title, the section headings in order and the key figures."""
    blocks = [block for page in sample.pages for block in page]
    bodies = sample_to_bodies(sample)
    return {
        **_head(sample),
        "title": next(block.text for block in blocks if block.kind == "title"),
        "sections": [block.text for block in blocks if block.kind == "heading"],
        "figures": [{"name": figure.name, **_located(figure, bodies, sample)} for figure in sample.figures],
    }


def sample_to_demo_record(sample: Sample) -> Json:
    """Return what `qwen-batch eval` compares a row of the demo's job with; a report states none of it."""
    bodies = sample_to_bodies(sample)
    fields: dict[str, Json] = {"parties[].name": [party.name for party in sample.parties]}
    evidence: dict[str, Json] = {}
    for name, key in DEMO_FIELDS.items():
        fact = sample.labels.get(name) if sample.is_contract else None
        path = f"{name}.{key}"
        fields[path] = _ways(fact)
        if name == PRICE:
            fields[f"{name}.currency"] = fact.currency if fact else None
        if fact:
            place = _located(fact, bodies, sample)
            evidence[path] = [{"page": place["page"], "quote": place["quote"]}]
    return {"source": sample.source, "fields": fields, "evidence": evidence}


def _ways(fact: Fact | None) -> Json:
    """The value of a fact, with the other ways to say it; a price as a number."""
    if fact is None:
        return None
    if fact.currency:
        return int(fact.value)
    return {"any_of": [fact.value, *fact.also]} if fact.also else fact.value


def bad_file_to_record(bad: BadFile) -> Json:
    """Return the error code that a run must report for a faulty file."""
    return {"source": bad.source, "code": bad.code}


def _head(sample: Sample) -> dict[str, Json]:
    return {
        "source": sample.source,
        "language": sample.language,
        "kind": sample.kind,
        "pages": len(sample.pages),
    }


def _located(fact: Fact, bodies: list[str], sample: Sample) -> dict[str, Json]:
    counts = [body.count(fact.quote) for body in bodies]
    if sum(counts) != 1:
        message = f"{sample.source}: quote found {sum(counts)} times: {fact.quote}"
        raise SampleError(message)
    return {"value": fact.value, "quote": fact.quote, "page": counts.index(1) + 1}
