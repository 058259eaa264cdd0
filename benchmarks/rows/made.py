"""Price lists as files of seven kinds, with the rows that they hold: duplicates among them, heads on every page.

Each is made from a seed, so that it is the same each time. Knows nothing of reading.
"""

from __future__ import annotations

import csv
import html
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.common import test_helper

Kind = Literal["xlsx", "csv", "docx", "html", "ruled.pdf", "unruled.pdf", "scan.pdf"]
Language = Literal["en", "zh"]
KINDS: tuple[Kind, ...] = ("xlsx", "csv", "docx", "html", "ruled.pdf", "unruled.pdf", "scan.pdf")
HEADS: dict[str, tuple[str, ...]] = {
    "en": ("Item No.", "Description", "Unit", "Unit price", "Valid from"),
    "zh": ("货号", "品名", "单位", "单价", "生效日期"),
    "unclear": ("Ref.", "Goods", "Per", "Each", "As of"),
}
"""Names of the columns; of the unclear ones names alone do not tell which is which."""
WORDS = (
    "hex bolt",
    "washer",
    "wood screw",
    "hinge",
    "door handle",
    "cable tie",
    "copper pipe",
    "elbow",
    "valve",
    "gasket",
    "hose clamp",
    "anchor",
    "bracket",
    "sanding disc",
    "drill bit",
    "chisel",
    "spirit level",
    "paint roller",
    "tape",
    "glue",
)
MATERIALS = ("steel", "brass", "zinc", "nylon", "oak", "stainless", "rubber", "ceramic")
WORDS_ZH = ("六角螺栓", "平垫圈", "木螺钉", "合页", "门把手", "扎带", "铜管", "弯头", "阀门", "垫片")
MATERIALS_ZH = ("钢制", "黄铜", "镀锌", "尼龙", "橡木", "不锈钢", "橡胶", "陶瓷")
UNITS, UNITS_ZH = ("pc", "box", "m", "kg", "set"), ("件", "盒", "米", "公斤", "套")
DUPLICATES = 6
"""Rows of a list that stand in it a second time."""
DPI, JPEG_QUALITY, NOISE, TURN_DEGREES = 200, 85, 12, 0.4
ROWS_A_PAGE, LEFT_PT, TOP_PT, STEP_PT, SIZE_PT = 40, 50.0, 720.0, 16.0, 9.5
COLUMNS_PT = (0.0, 70.0, 290.0, 335.0, 410.0, 500.0)
TITLE = "Price list 2026"


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One row: what a right answer has of it."""

    item: str
    description: str
    unit: str
    price: str
    valid_from: str

    @property
    def cells(self) -> tuple[str, ...]:
        """As its cells write it."""
        return (self.item, self.description, self.unit, f"{float(self.price):,.2f}", self.valid_from)


def price_rows(count: int, seed: int = 27, language: Language = "en") -> tuple[PriceRow, ...]:
    """So many rows of a list, some of them twice."""
    chance = random.Random(seed)
    words, materials, units = (WORDS_ZH, MATERIALS_ZH, UNITS_ZH) if language == "zh" else (WORDS, MATERIALS, UNITS)
    join = "" if language == "zh" else " "
    rows = [
        PriceRow(
            item=f"{chance.choice('ABCDEFGH')}{chance.choice('KLMN')}-{1000 + number}",
            description=join.join((chance.choice(materials), chance.choice(words))) + f" {chance.randint(2, 40)} mm",
            unit=chance.choice(units),
            price=f"{chance.randint(5, 250_000) / 100:.2f}",
            valid_from=f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        )
        for number in range(count)
    ]
    for _ in range(min(DUPLICATES, count // 5)):
        rows[chance.randrange(count // 2, count)] = rows[chance.randrange(count // 2)]
    return tuple(rows)


def write_list(path: Path, kind: Kind, rows: Sequence[PriceRow], head: Sequence[str]) -> Path:
    """A price list as a file of one kind."""
    path.write_bytes(_WRITERS[kind](rows, head))
    return path


def _xlsx(rows: Sequence[PriceRow], head: Sequence[str]) -> bytes:
    import datetime as dt

    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Prices")
        money, day = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write(0, 1, TITLE)
        sheet.write_row(2, 1, head)
        for at, row in enumerate(rows, start=3):
            sheet.write_row(at, 1, row.cells[:3])
            sheet.write_number(at, 4, float(row.price), money)
            sheet.write_datetime(at, 5, dt.datetime.fromisoformat(row.valid_from), day)
    return out.getvalue()


def _csv(rows: Sequence[PriceRow], head: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([head, *(row.cells for row in rows)])
    return out.getvalue().encode()


def _docx(rows: Sequence[PriceRow], head: Sequence[str]) -> bytes:
    from docx import Document

    document = Document()
    document.add_heading(TITLE)
    table = document.add_table(rows=1, cols=len(head))
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.text = text
    for row in rows:
        for cell, text in zip(table.add_row().cells, row.cells, strict=True):
            cell.text = text
    document.add_paragraph("Prices in EUR, VAT not included.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _html(rows: Sequence[PriceRow], head: Sequence[str]) -> bytes:
    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "\n".join(line(row.cells, "td") for row in rows)
    return f"<html><body><h1>{TITLE}</h1><table>{line(head, 'th')}\n{body}</table></body></html>".encode()


def _pdf(rows: Sequence[PriceRow], head: Sequence[str], *, ruled: bool) -> bytes:
    import tempfile

    helper = test_helper("pdfs")
    pages = []
    for first in range(0, len(rows), ROWS_A_PAGE):
        cells = [tuple(head), *(row.cells for row in rows[first : first + ROWS_A_PAGE])]
        page = "" if first else helper["show"](LEFT_PT, TOP_PT + 30, TITLE, 14)
        for at, line in enumerate(cells):
            for x, text in zip(COLUMNS_PT, line, strict=False):
                page += helper["show"](LEFT_PT + x + 3, TOP_PT - at * STEP_PT, text, SIZE_PT)
        if ruled:
            xs = [LEFT_PT + x for x in COLUMNS_PT]
            page += helper["grid"](xs, [TOP_PT + STEP_PT - 5 - at * STEP_PT for at in range(len(cells) + 1)])
        pages.append(page)
    with tempfile.TemporaryDirectory() as folder:
        written: Path = helper["write_pdf"](Path(folder) / "list.pdf", *pages)
        return written.read_bytes()


def _scan(rows: Sequence[PriceRow], head: Sequence[str]) -> bytes:
    """The pages of the ruled list as pictures: a little turned, with noise."""
    import pypdfium2
    from PIL import Image

    pictures = []
    document = pypdfium2.PdfDocument(_pdf(rows, head, ruled=True))
    for number, page in enumerate(document):
        flat = page.render(scale=DPI / 72).to_pil().convert("L")
        turned = flat.rotate(TURN_DEGREES * (1 if number % 2 else -1), fillcolor=255, resample=Image.Resampling.BICUBIC)
        noise = Image.effect_noise(turned.size, NOISE)
        pictures.append(Image.blend(turned, noise, 0.12))
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=DPI, quality=JPEG_QUALITY)
    return out.getvalue()


_WRITERS: dict[Kind, Callable[[Sequence[PriceRow], Sequence[str]], bytes]] = {
    "xlsx": _xlsx,
    "csv": _csv,
    "docx": _docx,
    "html": _html,
    "ruled.pdf": lambda rows, head: _pdf(rows, head, ruled=True),
    "unruled.pdf": lambda rows, head: _pdf(rows, head, ruled=False),
    "scan.pdf": _scan,
}
