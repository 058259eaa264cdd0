"""The scanned and photographed pages of ../shared/data with their labels, for ocr.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pypdfium2

ENGLISH, CHINESE = "eng", "chi_sim+eng"
BOX_NUMBERS = 8
"""Each label starts with x and y of four corners; the text may hold commas."""


@dataclass(frozen=True, slots=True)
class Source:
    """One document: the truth of each of its pages, and the folder of the data set that it is from."""

    data_set: str
    path: Path
    truths: tuple[str, ...]
    languages: str = ENGLISH
    capitals: bool = False


def data_sets(data: Path, limit: int | None, folder: Path) -> dict[str, list[Source]]:
    """The labelled scans and photos in `data`, at most about `limit` pages each; cut PDFs are written to `folder`."""
    scans = [*_scans(data / "derived_scans")]
    everything = {
        "derived_scans, English": [source for source in scans if source.languages == ENGLISH],
        "derived_scans, Chinese": [source for source in scans if source.languages == CHINESE],
        "tesseract_test": [*_test_images(data / "tesseract_test" / "testing")],
        "sroie": [*_receipts(data / "sroie")],
    }
    return {name: [*_limited(sources, limit, folder)] for name, sources in everything.items()}


def _limited(sources: Sequence[Source], limit: int | None, folder: Path) -> Iterator[Source]:
    """About as many pages of each document, from its beginning; images are taken at even distances."""
    if limit is None:
        yield from sources
        return
    pages = sum(len(source.truths) for source in sources)
    if pages == len(sources):
        yield from sources[:: max(1, -(-len(sources) // limit))]
        return
    for source in sources:
        count = max(1, limit * len(source.truths) // pages)
        whole, cut = pypdfium2.PdfDocument(source.path), pypdfium2.PdfDocument.new()
        cut.import_pages(whole, list(range(count)))
        cut.save(folder / source.path.name)
        yield replace(source, path=folder / source.path.name, truths=source.truths[:count])


def _scans(folder: Path) -> Iterator[Source]:
    for labels in sorted(folder.glob("*.gt.jsonl")):
        rows = sorted((json.loads(row) for row in labels.read_text("utf-8").splitlines()), key=lambda row: row["page"])
        language = CHINESE if "_zh_" in labels.name else ENGLISH
        yield Source(folder.name, folder / rows[0]["pdf"], tuple(row["text"] for row in rows), language)


def _test_images(folder: Path) -> Iterator[Source]:
    for image in sorted([*folder.glob("*.tif"), *folder.glob("*.png")]):
        stem = image.stem.split("-")[0]
        truth = next(path for path in (folder / f"{stem}.gold.txt", folder / f"{stem}.txt") if path.exists())
        yield Source("tesseract_test", image, (truth.read_text("utf-8"),))


def _receipts(folder: Path) -> Iterator[Source]:
    for image in sorted((folder / "img").iterdir()):
        labels = next((folder / "box").glob(f"{image.stem}.*")).read_text("utf-8", "replace")
        boxes = [row.split(",", BOX_NUMBERS) for row in labels.splitlines()]
        placed = [([float(value) for value in box[:-1]], box[-1]) for box in boxes if len(box) > BOX_NUMBERS]
        yield Source(folder.name, image, (_in_rows(placed),), capitals=True)


def _in_rows(placed: Sequence[tuple[list[float], str]]) -> str:
    """Lines of text whose middle lies within the first one's height are one row."""
    rows: list[list[tuple[float, str]]] = []
    bottom = float("-inf")
    for corners, text in sorted(placed, key=lambda line: sum(line[0][1::2])):
        if sum(corners[1::2]) / 4 > bottom:
            rows.append([])
            bottom = max(corners[1::2])
        rows[-1].append((min(corners[0::2]), text))
    return "\n".join(" ".join(text for _, text in sorted(row)) for row in rows)
