"""How much of what is planted in product papers a comparison finds: `python -m benchmarks.answers.compared OUTPUT`.

OUTPUT is that of `qwen-batch run compare_documents data/products/papers`. An item counts as found where the row says it
of the right aspect with the right values, and as cited where each of these values is quoted from the right words of
the right document. Precision is over all that the rules gave of a kind.
"""

from __future__ import annotations

import argparse
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qwen_batch.evidence.members.comparing import says_the_same
from qwen_batch.evidence.members.names import Names
from qwen_batch.output.views.reading import latest_records

GOLD = Path(__file__).parents[2] / "data" / "products" / "gold.jsonl"
JOB = "compare_documents"
FIELDS = {"difference": "differences", "agreement": "shared", "conflict": "conflicts"}
ENOUGH = 2
"""Values that make a difference, an agreement or a conflict."""

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Score:
    """Of one kind: how many are planted, found, and found with every value cited right; how many were given."""

    kind: str
    planted: int
    found: int
    cited: int
    given: int
    right: int

    @property
    def precision(self) -> float | None:
        """The share of what was given that is planted; None where nothing was."""
        return self.right / self.given if self.given else None


def scores(row: Item, gold: Sequence[Item]) -> list[Score]:
    """The scores of one row of comparisons, one a kind and one of all."""
    each = [_score(row, kind, [item for item in gold if item["kind"] == kind]) for kind in FIELDS]
    figures = ("planted", "found", "cited", "given", "right")
    return [*each, Score("all", *(sum(getattr(one, figure) for one in each) for figure in figures))]


def _score(row: Item, kind: str, gold: Sequence[Item]) -> Score:
    given = row["result"][FIELDS[kind]] or []
    taken: dict[int, int] = {}
    for place, said in enumerate(given):
        item = next((at for at, one in enumerate(gold) if at not in taken.values() and _is_same(one, said)), None)
        if item is not None:
            taken[place] = item
    cited = sum(_is_cited(gold[item], row, f"{FIELDS[kind]}[{place}]") for place, item in taken.items())
    return Score(kind, len(gold), len(taken), cited, len(given), len(taken))


def _is_same(item: Item, said: Item) -> bool:
    """Whether a given item is the planted one: its aspect, and two of its values of their documents."""
    names = Names()
    names.of(item["aspect"])
    known = {item["aspect"], *item["names"], *(cell["label"] for cell in item["said"])}
    if not any(names.of(name) == names.of(said["aspect"]) or plain(name) == plain(said["aspect"]) for name in known):
        return False
    right = [
        cell
        for cell in item["said"]
        if any(_is_of(one["document"], cell["source"]) and _agree(one["value"], cell["value"]) for one in said["said"])
    ]
    return len(right) >= min(ENOUGH, len(item["said"]))


def _is_of(document: str, source: str) -> bool:
    return document.rpartition("/")[2] == source


def _agree(said: str, value: str) -> bool:
    return says_the_same(said, value) or plain(value) in plain(said)


def _is_cited(item: Item, row: Item, path: str) -> bool:
    """Whether each value that is given is quoted from words of a planted one in the same document."""
    evidence = [one for one in row["evidence"] if one["field"].startswith(f"{path}.")]
    return bool(evidence) and all(
        any(
            _is_of(one["source_uri"] or "", cell["source"]) and _overlap(one["quote"], cell["quote"])
            for cell in item["said"]
        )
        for one in evidence
    )


def _overlap(one: str, other: str) -> bool:
    first, second = plain(one), plain(other)
    return bool(first and second) and (first in second or second in first)


def plain(text: str) -> str:
    """Letters and digits alone, in small letters."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def suggestions_that_rest(row: Item) -> tuple[int, int]:
    """How many suggestions cite a document, of how many."""
    given = row["result"]["suggestions"] or []
    cited = {
        one["field"].split(".")[0] for one in row["evidence"] if one["field"].startswith("suggestions") and one["page"]
    }
    return len(cited), len(given)


def table(found: Sequence[Score]) -> str:
    """The scores as Markdown."""
    lines = ["| planted | number | found | cited right | given | precision |", "|---|---|---|---|---|---|"]
    for one in found:
        precision = "" if one.precision is None else f"{one.precision:.0%}"
        lines.append(f"| {one.kind} | {one.planted} | {one.found} | {one.cited} | {one.given} | {precision} |")
    return "\n".join(lines)


def main() -> None:
    """Scores an output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output")
    parser.add_argument("--gold", type=Path, default=GOLD)
    arguments = parser.parse_args()
    gold = [json.loads(line) for line in arguments.gold.read_text("utf-8").splitlines()]
    for row in latest_records(arguments.output, JOB):
        cited, given = suggestions_that_rest(row)
        print(f"{row['document']}: {len(row['members'])} papers")
        print(table(scores(row, gold)))
        print(f"suggestions with a cited difference: {cited} of {given}")


if __name__ == "__main__":
    main()
