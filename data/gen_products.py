"""Three product papers to compare, and what a comparison has to find: ``python data/gen_products.py``.

Everything comes from ``products/power_stations.toml``: 30 differences, 20 agreements and
5 conflicts, in tables and prose, other units and other words. Writes ``products/papers`` and
``products/gold.jsonl``. Needs no package; a rerun gives the same bytes.
"""

from __future__ import annotations

import html
import json
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent
SPEC = DATA / "products" / "power_stations.toml"
PAPERS = DATA / "products" / "papers"
GOLD = DATA / "products" / "gold.jsonl"
SENTENCES_A_PARAGRAPH = 4

Cell = dict[str, str]


def gold_items(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """What is planted: kind, aspect, other names of it, and what each paper says, with its own words."""
    files = [paper["file"] for paper in spec["papers"]]
    products = [paper["product"] for paper in spec["papers"]]
    items = [
        {
            "kind": item["kind"],
            "aspect": item["aspect"],
            "names": item["names"],
            "said": [
                _cell(file, product, *said) for file, product, said in zip(files, products, item["said"], strict=True)
            ],
        }
        for item in spec["items"]
    ]
    conflicts = [
        {
            "kind": "conflict",
            "aspect": item["aspect"],
            "names": item["names"],
            "said": [_cell(file, item["about"], *said) for file, *said in item["said"]],
        }
        for item in spec["conflicts"]
    ]
    return items + conflicts


def _cell(file: str, about: str, form: str, words: str, value: str) -> Cell:
    quote = f"{words} | {value}" if form == "table" else words
    return {"source": file, "about": about, "form": form, "label": words, "value": value, "quote": quote}


def papers(spec: dict[str, Any]) -> dict[str, str]:
    """The text of each paper by its file's name."""
    cells: dict[str, list[Cell]] = defaultdict(list)
    for item in gold_items(spec):
        for cell in item["said"]:
            cells[cell["source"]].append(cell)
    return {
        paper["file"]: (_as_html if paper["file"].endswith(".html") else _as_markdown)(paper, cells[paper["file"]])
        for paper in spec["papers"]
    }


def _paragraphs(cells: list[Cell]) -> list[str]:
    sentences = [cell["quote"] for cell in cells if cell["form"] == "prose"]
    step = SENTENCES_A_PARAGRAPH
    return [" ".join(sentences[first : first + step]) for first in range(0, len(sentences), step)]


def _tables(cells: list[Cell]) -> list[list[Cell]]:
    """The rows in two tables, one before the prose and one behind it."""
    rows = [cell for cell in cells if cell["form"] == "table"]
    return [rows[: len(rows) // 2], rows[len(rows) // 2 :]]


def _as_markdown(paper: dict[str, str], cells: list[Cell]) -> str:
    first, second = (
        "\n".join(["| Feature | Value |", "| --- | --- |", *(f"| {row['label']} | {row['value']} |" for row in rows)])
        for rows in _tables(cells)
    )
    parts = [
        f"# {paper['product']}: product paper",
        f"{paper['intro']} It is made by {paper['maker']}",
        "## At a glance",
        first,
        "## In use",
        *_paragraphs(cells),
        "## Technical data",
        second,
    ]
    return "\n\n".join(parts) + "\n"


def _as_html(paper: dict[str, str], cells: list[Cell]) -> str:
    first, second = (
        "\n".join(
            [
                "<table>",
                "<tr><th>Feature</th><th>Value</th></tr>",
                *(f"<tr><td>{html.escape(row['label'])}</td><td>{html.escape(row['value'])}</td></tr>" for row in rows),
                "</table>",
            ]
        )
        for rows in _tables(cells)
    )
    parts = [
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">',
        f"<title>{paper['product']}</title>",
        f"<h1>{paper['product']}: product paper</h1>",
        f"<p>{html.escape(paper['intro'])} It is made by {html.escape(paper['maker'])}.</p>",
        "<h2>At a glance</h2>",
        first,
        "<h2>In use</h2>",
        *(f"<p>{html.escape(paragraph)}</p>" for paragraph in _paragraphs(cells)),
        "<h2>Technical data</h2>",
        second,
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write the papers and the gold."""
    spec = tomllib.loads(SPEC.read_text("utf-8"))
    PAPERS.mkdir(parents=True, exist_ok=True)
    for name, text in papers(spec).items():
        (PAPERS / name).write_text(text, "utf-8")
        print(f"{name}: {len(text.split())} words")
    items = gold_items(spec)
    GOLD.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), "utf-8")
    print(f"{GOLD.name}: {len(items)} items")


if __name__ == "__main__":
    main()
