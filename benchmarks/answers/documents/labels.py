"""Labels of the shared documents as gold for the answer benchmark: CUAD contracts, their scans, receipts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.answers.documents.cases import FieldGold
from benchmarks.common import json_lines

CUAD_FIELDS = {
    "parties": "Parties",
    "agreement_date": "Agreement Date",
    "effective_date": "Effective Date",
    "expiration_date": "Expiration Date",
    "renewal_term": "Renewal Term",
    "governing_law": "Governing Law",
    "notice_period": "Notice Period To Terminate Renewal",
    "cap_on_liability": "Cap On Liability",
}
YES_NO_FIELDS = frozenset({"cap_on_liability"})
"""Their answer says only whether there is such a clause; what it says stands in the spans."""
RECEIPT_FIELDS = ("company", "date", "address", "total")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A file, what it is asked and what is known of it; `original` is the digital file that a scan was made of."""

    path: Path
    job: str
    gold: dict[str, FieldGold]
    labels: Any = None
    original: str | None = None


def cuad(data: Path) -> Iterator[Labelled]:
    """The contracts as they were filed."""
    for row in json_lines(data / "cuad" / "labels" / "dev.jsonl"):
        yield Labelled(data / row["pdf"], "cuad_contract", cuad_gold(row["labels"]))


def derived_scans(data: Path) -> Iterator[Labelled]:
    """Scans of some of the contracts."""
    for row in json_lines(data / "derived_scans" / "dev_cuad_labels.jsonl"):
        original = Path(row["source"]).stem
        yield Labelled(data / row["pdf"], "cuad_contract", cuad_gold(row["labels"]), original=original)


def sroie(data: Path) -> Iterator[Labelled]:
    """Photographed receipts."""
    for path in sorted((data / "sroie" / "key").glob("*.json")):
        key = json.loads(path.read_text("utf-8"))
        gold = {field: FieldGold(key.get(field, "")) for field in RECEIPT_FIELDS}
        yield Labelled(data / "sroie" / "img" / f"{path.stem}.jpg", "sroie_receipt", gold)


def docubench(data: Path) -> Iterator[Labelled]:
    """Documents of many formats, each with a schema of its own: the job of each is made by docubench.py."""
    for path in sorted((data / "docubench" / "documents").iterdir()):
        labels = json.loads((data / "docubench" / "labels" / f"{path.stem}.json").read_text("utf-8"))
        yield Labelled(path, f"docubench_{path.stem.lower()}", {}, labels)


SETS = {"cuad": cuad, "derived_scans": derived_scans, "docubench": docubench, "sroie": sroie}


def cuad_gold(labels: dict[str, dict[str, Any]]) -> dict[str, FieldGold]:
    """The fields of one contract; a clause that is only said to be there or not has its spans alone."""
    gold = {}
    for field, title in CUAD_FIELDS.items():
        answer, spans = labels[title]["answer"].strip(), tuple(labels[title]["spans"])
        if field in YES_NO_FIELDS and (spans or answer != "Yes"):
            answer = ""
        gold[field] = FieldGold(answer, spans)
    return gold
