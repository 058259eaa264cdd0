"""What trimming may not lose: the labels' own words of real contracts, before and after it.

    python -m benchmarks.reading.kept ../shared/data

For every label of DATA/cuad: which of its words stand in the raw text of the document's pages, as pdfium reads it, and
which of these in the clean text or in the facts below it. Then the same for whole labels, white space and hyphens
aside. The facts alone, what only heads and feet of pages say, are counted by documents and lines.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.reading.headers import read_document, squeezed
from qwen_batch.reading.clean.facts import FACTS_HEADING
from qwen_batch.reading.clean.page_numbers import plain_text

LABELS = "cuad/labels/dev.jsonl"
_WORD = re.compile(r"\w+")


@dataclass
class Kept:
    """Counts over all contracts: words and whole labels of the raw text, and those of them that the clean text has."""

    contracts: int = 0
    words_raw: int = 0
    words_clean: int = 0
    labels_raw: int = 0
    labels_clean: int = 0
    words_of_facts: int = 0
    documents_with_facts: int = 0
    fact_lines: int = 0
    most_fact_chars: int = 0


def measure(data: Path) -> str:
    """The counts as Markdown, and every label that lost a word."""
    kept, lost = Kept(), []
    for line in (data / LABELS).read_text("utf-8").splitlines():
        contract = json.loads(line)
        lost += [f"- lost: {contract['pdf']}: {words}" for words in _count(data, contract, kept)]
    facts = f"{kept.fact_lines} lines in {kept.documents_with_facts} of {kept.contracts} contracts"
    return "\n".join(
        [
            "| cuad, what the labels quote | in the raw text | of these in the clean text or the facts | |",
            "|---|---:|---:|---:|",
            f"| words of labels | {kept.words_raw} | {kept.words_clean} | {kept.words_clean / kept.words_raw:.2%} |",
            f"| whole labels | {kept.labels_raw} | {kept.labels_clean} | {kept.labels_clean / kept.labels_raw:.2%} |",
            "",
            f"- of the words {kept.words_of_facts} stand in the facts alone",
            f"- facts: {facts}, at most {kept.most_fact_chars} characters in one",
            *lost,
        ]
    )


def _count(data: Path, contract: dict[str, Any], kept: Kept) -> Iterator[str]:
    """Adds one contract to the counts; gives what each label lost."""
    read = read_document(data / str(contract["pdf"]))
    clean = read.clean
    raw = "\n".join(line.text for page in read.pages for line in page.lines)
    body = clean.text if clean.facts_at is None else clean.text[: clean.facts_at]
    words_of = {"raw": set(_words(raw)), "clean": set(_words(clean.text)), "body": set(_words(body))}
    joined = {"raw": squeezed(raw), "clean": squeezed(clean.text)}
    kept.contracts += 1
    if clean.facts_at is not None:
        facts = clean.text[clean.facts_at :].replace(FACTS_HEADING, "").strip()
        kept.documents_with_facts += 1
        kept.fact_lines += len(facts.splitlines())
        kept.most_fact_chars = max(kept.most_fact_chars, len(facts))
    for label in _labels(contract):
        before = [word for word in _words(label) if word in words_of["raw"]]
        after = [word for word in before if word in words_of["clean"] or word in joined["clean"].casefold()]
        kept.words_raw += len(before)
        kept.words_clean += len(after)
        kept.words_of_facts += sum(word not in words_of["body"] for word in after if word in words_of["clean"])
        whole = squeezed(label) in joined["raw"]
        kept.labels_raw += whole
        kept.labels_clean += whole and squeezed(label) in joined["clean"]
        if whole and squeezed(label) not in joined["clean"]:
            yield f"whole: {' '.join(label.split())!r}"
        if missing := [word for word in before if word not in after]:
            yield " ".join(missing)


def _labels(contract: dict[str, Any]) -> Iterator[str]:
    for label in contract["labels"].values():
        yield from (text for text in label["spans"] if text.strip())


def _words(text: str) -> list[str]:
    return _WORD.findall(plain_text(text))


if __name__ == "__main__":
    print(measure(Path(sys.argv[1])))
