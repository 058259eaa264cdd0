"""How many facts of the generated contracts a run got right: parties, effective date and governing law.

Compares the newest rows of `contract_summary` with data/gold/contracts.jsonl. Parties are right when every
gold name is among them and at most one more is; names and jurisdictions are compared by letters and
digits alone, one containing the other; dates must be equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.common import ROOT, json_lines
from qwen_batch.output.views.reading import latest_records

GOLD = ROOT / "data" / "gold" / "contracts.jsonl"
JOB = "contract_summary"
FIELDS = ("parties", "effective_date", "governing_law")


@dataclass(frozen=True, slots=True)
class Judged:
    """One document: which of the three fields are right."""

    name: str
    language: str
    right: dict[str, bool]


def judge_samples(output: Path) -> int:
    """Prints a line a document and the shares by language; gives the exit code."""
    results = dict(_results(output))
    judged = [_judge(gold, results[gold["source"]]) for gold in json_lines(GOLD)]
    for one in judged:
        marks = "  ".join(f"{field} {'right' if one.right[field] else 'WRONG'}" for field in FIELDS)
        print(f"{one.name:<36} {one.language}  {marks}")
    for language in sorted({one.language for one in judged}):
        documents = [one for one in judged if one.language == language]
        right = Counter(field for one in documents for field in FIELDS if one.right[field])
        total = len(documents) * len(FIELDS)
        shares = ", ".join(f"{field} {right[field]}/{len(documents)}" for field in FIELDS)
        print(f"{language}: {right.total()} of {total} facts right ({right.total() / total:.0%}): {shares}")
    return 0


def _results(output: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in latest_records(output, JOB):
        path = Path(row["source_uri"])
        yield f"{path.parent.name}/{path.name}", row["result"]


def _judge(gold: dict[str, Any], result: dict[str, Any]) -> Judged:
    labels = gold["labels"]
    names = [_letters(party["name"]) for party in result["parties"]]
    wanted = [_letters(party["name"]) for party in labels["parties"]]
    date = str((result["effective_date"] or {}).get("date"))
    law = _letters((result["governing_law"] or {}).get("jurisdiction") or "")
    gold_law = _letters(labels["governing_law"]["value"])
    right = {
        "parties": all(any(_same(name, one) for name in names) for one in wanted) and len(names) <= len(wanted) + 1,
        "effective_date": date == labels["effective_date"]["value"],
        "governing_law": _same(law, gold_law),
    }
    return Judged(Path(gold["source"]).name, gold["language"], right)


def _same(one: str, other: str) -> bool:
    return bool(one and other) and (one in other or other in one)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
