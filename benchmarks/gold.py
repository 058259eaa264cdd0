"""Label files as gold for `qwen-batch eval`.

    python -m benchmarks.gold SET DATA > gold.jsonl

SET is samples (DATA: data, the project's own), or cuad, derived_scans, sroie or docubench (DATA: ../shared/data). Each
reader is an example of how labels become gold:

- samples: fields of contract_summary, each with its quote and page.
- cuad, derived_scans: fields of contract_summary or cuad_contract. What the label leaves open (a date that is no day, a
  clause whose words alone are known) is not named, so not judged; nothing labelled is null. A clause is right as the
  label's answer or as one of its spans. Each span is evidence, on the first page of the PDF that holds it; of the
  spans of parties those that are names, not their aliases.
- sroie: fields of invoice_receipt; dates are day first.
- docubench: every value by its path, for a job made of the document's own schema. Needs one output a document, so
  give one file name with --only.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.common import json_lines
from qwen_batch.evaluate.gold import GoldDocument, GoldEvidence, gold_to_line, make_gold
from qwen_batch.evaluate.normalise import compare, text_to_date

CUAD_FIELDS = {
    "contract_summary": {
        "parties[].name": "Parties",
        "effective_date.date": "Effective Date",
        "governing_law.jurisdiction": "Governing Law",
        "renewal.value": "Renewal Term",
        "liability.value": "Cap On Liability",
    },
    "cuad_contract": {
        "parties[].name": "Parties",
        "agreement_date.date": "Agreement Date",
        "effective_date.date": "Effective Date",
        "expiration_date.date": "Expiration Date",
        "governing_law.jurisdiction": "Governing Law",
        "renewal_term.value": "Renewal Term",
        "notice_period.value": "Notice Period To Terminate Renewal",
        "cap_on_liability.value": "Cap On Liability",
    },
}
SAMPLE_FIELDS = {
    "effective_date": "date",
    "term": "value",
    "renewal": "value",
    "governing_law": "jurisdiction",
    "payment": "value",
    "termination": "value",
    "liability": "value",
}
SROIE_FIELDS = {"company.name": "company", "date.date": "date", "address.text": "address", "total.value": "total"}
_ALIAS = re.compile(r"\([^)]*\)?")
_LETTERS = re.compile(r"[\W_]+")


def samples(data: Path, _job: str) -> Iterator[GoldDocument]:
    """The contracts that the project makes itself."""
    for row in json_lines(data / "gold" / "contracts.jsonl"):
        labels = row["labels"]
        fields: dict[str, Any] = {"parties[].name": [party["name"] for party in labels["parties"]]}
        evidence = {}
        for name, key in SAMPLE_FIELDS.items():
            label = labels[name]
            fields[f"{name}.{key}"] = label and label["value"]
            if label:
                evidence[f"{name}.{key}"] = [GoldEvidence(label["page"], label["quote"])]
        yield make_gold(row["source"], fields, evidence)


def cuad(data: Path, job: str) -> Iterator[GoldDocument]:
    """The contracts as they were filed."""
    for row in json_lines(data / "cuad" / "labels" / "dev.jsonl"):
        yield contract_to_gold(data / row["pdf"], row["labels"], job)


def derived_scans(data: Path, job: str) -> Iterator[GoldDocument]:
    """Scans of some of the contracts; the pages of spans are those of the digital original, which has the same ones."""
    for row in json_lines(data / "derived_scans" / "dev_cuad_labels.jsonl"):
        yield contract_to_gold(data / row["pdf"], row["labels"], job, data / row["source"])


def sroie(data: Path, _job: str) -> Iterator[GoldDocument]:
    """Photographed receipts; what a receipt's label does not name is not judged."""
    for path in sorted((data / "sroie" / "key").glob("*.json")):
        labels = json.loads(path.read_text("utf-8"))
        fields = {field: labels[name] for field, name in SROIE_FIELDS.items() if labels.get(name)}
        kinds = {field: "date_day_first" for field in fields if field == "date.date"}
        yield make_gold(f"{path.stem}.jpg", fields, normalisers=kinds)


def docubench(data: Path, _job: str) -> Iterator[GoldDocument]:
    """Documents of many formats, each with a schema of its own; a key that its label leaves out is absent."""
    for path in sorted((data / "docubench" / "labels").glob("*.json")):
        (document,) = (data / "docubench" / "documents").glob(f"{path.stem}.*")
        schema = json.loads((data / "docubench" / "schemas" / path.name).read_text("utf-8"))
        yield make_gold(document.name, _leaves(schema, [json.loads(path.read_text("utf-8"))]))


SETS: dict[str, Callable[[Path, str], Iterator[GoldDocument]]] = {
    "samples": samples,
    "cuad": cuad,
    "derived_scans": derived_scans,
    "sroie": sroie,
    "docubench": docubench,
}


def contract_to_gold(pdf: Path, labels: Mapping[str, Any], job: str, original: Path | None = None) -> GoldDocument:
    """One contract's labels as gold of a job; spans are looked for in `original`, or the PDF itself."""
    fields: dict[str, Any] = {}
    evidence: dict[str, list[GoldEvidence]] = {}
    pages: list[str] | None = None
    for field, title in CUAD_FIELDS[job].items():
        answer, spans = labels[title]["answer"].strip(), labels[title]["spans"]
        judged = _judged(title, answer, spans)
        if judged is None:
            continue
        fields[field] = judged or None
        if spans and judged:
            pages = _pages(original or pdf) if pages is None else pages
            evidence[field] = [GoldEvidence(_page_of(span, pages), span) for span in _telling(spans, judged)]
    return make_gold(pdf.name, fields, evidence)


def _judged(title: str, answer: str, spans: list[str]) -> Any:
    """A label as a gold value: an empty list for an absent one, None for one that leaves the value open."""
    if title == "Parties":
        names = [" ".join(_ALIAS.sub(" ", name).split()).strip(" ,;") for name in answer.split(";")]
        return [name for name in names if _LETTERS.sub("", name)] or None
    if title == "Cap On Liability":
        return None if answer == "Yes" else []
    if not answer and not spans:
        return []
    if title.endswith("Date"):
        return [answer] if text_to_date(answer) else None
    if title == "Governing Law":
        return [answer] if answer else None
    ways = [way for way in (answer, *spans) if way]
    return [{"any_of": ways}] if len(ways) > 1 else ways


def _telling(spans: list[str], judged: list[Any]) -> list[str]:
    """Of spans of names those that name one of them; all others as they are."""
    return [span for span in spans if any(compare("name", str(one), span).right for one in judged)] or spans


def _leaves(schema: Mapping[str, Any], values: list[Any], path: str = "") -> dict[str, Any]:
    """Each leaf of a JSON schema with its values in a document; in a list, those of all items."""
    here = [value for value in values if isinstance(value, dict)]
    leaves: dict[str, Any] = {}
    for key, inner in schema["properties"].items():
        below = [value[key] for value in here if value.get(key) is not None]
        name = f"{path}.{key}".lstrip(".")
        if inner.get("type") == "array":
            name, inner, below = f"{name}[]", inner["items"], [item for items in below for item in items]  # noqa: PLW2901
        if "properties" in inner:
            leaves |= _leaves(inner, below, name)
        else:
            leaves[name] = below
    return leaves


def _pages(pdf: Path) -> list[str]:
    """The letters of each page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    return [_letters(page.get_textpage().get_text_range()) for page in document]


def _page_of(span: str, pages: list[str]) -> int | None:
    """The first page, from 1, that holds a span up to its first gap, or its beginning where it runs on."""
    letters = _letters(span.split("<omitted>", maxsplit=1)[0])
    for needle in (letters, letters[:60]):
        for number, page in enumerate(pages, start=1):
            if needle and needle in page:
                return number
    return None


def _letters(text: str) -> str:
    return _LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())


def main() -> None:
    """Prints the gold of a set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("data", type=Path)
    parser.add_argument("--job", choices=CUAD_FIELDS, default="contract_summary")
    parser.add_argument("--only", metavar="NAME", help="only the document of this file name")
    options = parser.parse_args()
    for document in SETS[options.set](options.data, options.job):
        if options.only in {None, document.source}:
            sys.stdout.write(gold_to_line(document) + "\n")


if __name__ == "__main__":
    main()
