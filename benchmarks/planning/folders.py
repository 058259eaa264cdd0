"""Three folders of documents, each file with bytes of its own: contracts, mixed office files, scans of receipts.

What there are too few of is made: contracts are halved, office files and receipts written with other words. The same
seed gives the same files.
"""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

from benchmarks.common import SAMPLES, test_helper

OFFICE = frozenset({"csv", "docx", "eml", "html", "md", "pdf", "tsv", "txt", "xlsx"})
_TEXT = (
    "supplier buyer delivery invoice payment agreement term notice goods order price month account report total item "
    "service office customer project budget review plan quality market schedule change request state law party date"
)
WORDS = _TEXT.split()
RECEIPT_PX = (620, 900)
FONT_PX = 26
NOISE = 14
JPEG_QUALITY = 80

Write = Callable[[Path, random.Random], None]


def contracts(data: Path, folder: Path, count: int) -> None:
    """Contracts of the SEC as PDF and text, NDAs as text; then halves of the PDFs, and the beginnings of the texts."""
    originals = sorted((data / "cuad" / "full_contract_pdf").rglob("*.[pP][dD][fF]"))
    texts = sorted((data / "cuad" / "full_contract_txt").glob("*.txt"))
    (ndas,) = (data / "contractnli").glob("*.json")
    for number, path in enumerate([*originals, *texts]):
        shutil.copy(path, folder / f"{number:04}{path.suffix.lower()}")
    for number, one in enumerate(json.loads(ndas.read_text("utf-8"))["documents"]):
        (folder / f"nda-{number:04}.txt").write_text(one["text"])
    for part in (0, 1):
        for number, path in enumerate(originals):
            _half_pdf(path, folder / f"half-{part}-{number:04}.pdf", part)
    for number, path in enumerate(texts):
        text = path.read_text("utf-8", "replace")
        (folder / f"half-{number:04}.txt").write_text(text[: len(text) // 2])
    _leave(folder, count)


def _half_pdf(path: Path, target: Path, part: int) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as whole:
        middle = len(whole) // 2
        pages = list(range(middle, len(whole)) if part else range(middle))
        if middle:
            half = pypdfium2.PdfDocument.new()
            half.import_pages(whole, pages)
            half.save(target)


def office(data: Path, folder: Path, count: int) -> None:
    """Files of many formats without pictures of pages, of others and of the project, then such as are written here."""
    found = [path for name in ("docling", "unstructured", "docubench") for path in sorted((data / name).rglob("*.*"))]
    found += sorted(path for path in SAMPLES.rglob("*.*") if "bad" not in path.parts)
    taken = [path for path in found if path.suffix.lower().lstrip(".") in OFFICE]
    for number, path in enumerate(taken):
        shutil.copy(path, folder / f"{number:04}{path.suffix.lower()}")
    chance = random.Random(1)  # noqa: S311  documents, no secrets
    kinds = (_docx, _csv, _eml, _html, _txt)
    for number in range(max(0, count - len(taken))):
        kind = kinds[number % len(kinds)]
        kind(folder / f"made-{number:04}.{kind.__name__.lstrip('_')}", chance)
    _leave(folder, count)


def _paragraphs(chance: random.Random) -> Iterator[str]:
    for _ in range(chance.randint(3, 40)):
        words = chance.choices(WORDS, k=chance.randint(15, 90))
        yield f"{' '.join(words).capitalize()} {chance.randint(1, 9999)}."


def _docx(path: Path, chance: random.Random) -> None:
    import docx

    document = docx.Document()
    for text in _paragraphs(chance):
        document.add_paragraph(text)
    document.save(str(path))


def _csv(path: Path, chance: random.Random) -> None:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["item", "count", "price"])
    for _ in range(chance.randint(10, 400)):
        lines.writerow([" ".join(chance.choices(WORDS, k=2)), chance.randint(1, 99), chance.randint(1, 9_999) / 100])
    path.write_text(text.getvalue())


def _eml(path: Path, chance: random.Random) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Order", "a@example.com", "b@example.com"
    message.set_content("\n\n".join(_paragraphs(chance)))
    path.write_bytes(bytes(message))


def _html(path: Path, chance: random.Random) -> None:
    path.write_text(f"<html><body>{''.join(f'<p>{text}</p>' for text in _paragraphs(chance))}</body></html>")


def _txt(path: Path, chance: random.Random) -> None:
    path.write_text("\n\n".join(_paragraphs(chance)))


def scans(data: Path, folder: Path, count: int) -> None:
    """Photographed receipts, then such as are drawn here, with the noise of a scanner; a page each."""
    for path in sorted((data / "sroie").rglob("*.jpg")):
        shutil.copy(path, folder / path.name)
    chance = random.Random(2)  # noqa: S311  documents, no secrets
    for number in range(count - len(list(folder.iterdir()))):
        _receipt(folder / f"made-{number:04}.jpg", chance)
    _leave(folder, count)


def _receipt(path: Path, chance: random.Random) -> None:
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", RECEIPT_PX, 245)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(FONT_PX)
    lines = [f"{chance.choice(WORDS).upper()} STORE {chance.randint(1, 999)}", f"Date 2024-0{chance.randint(1, 9)}-11"]
    lines += [f"{chance.choice(WORDS)}  {chance.randint(1, 9)} x {chance.randint(100, 9_999) / 100:.2f}" for _ in WORDS]
    lines = [*lines[: chance.randint(6, 18)], f"TOTAL {chance.randint(100, 99_999) / 100:.2f}"]
    for number, line in enumerate(lines):
        draw.text((40, 40 + number * (FONT_PX + 14)), line, fill=30, font=font)
    noise = np.random.default_rng(chance.randrange(1 << 30)).normal(0, NOISE, page.size[::-1])
    Image.fromarray(np.clip(np.asarray(page) + noise, 0, 255).astype("uint8")).save(path, quality=JPEG_QUALITY)


def pdfs(folder: Path, count: int) -> None:
    """Digital PDFs of one to four pages."""
    helpers = test_helper("pdfs")
    show, write_pdf = helpers["show"], helpers["write_pdf"]
    for number in range(count):
        words = " ".join(WORDS[:12])
        lines = "".join(show(50, 700 - 14 * line, f"{number}.{line} {words}") for line in range(30))
        write_pdf(folder / f"{number:05}.pdf", *[lines] * (1 + number % 4))


def _leave(folder: Path, count: int) -> None:
    """So many of the files, evenly spread over all; those are of all kinds."""
    files = sorted(folder.iterdir())
    kept = {files[at * len(files) // count] for at in range(count)} if count < len(files) else set(files)
    for file in files:
        if file not in kept:
            file.unlink()


FOLDERS: dict[str, tuple[Callable[[Path, Path, int], None], tuple[str, ...]]] = {
    "contracts": (contracts, ("cuad", "contractnli")),
    "office": (office, ("docling", "unstructured", "docubench")),
    "scans": (scans, ("sroie",)),
}
"""By name: what makes a folder of so many documents, and the folders of documents of others that it takes from."""
