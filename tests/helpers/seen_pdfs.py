"""Tiny PDFs of one page with annotations, forms, layers or attached files, written by hand, and the page as read."""

from __future__ import annotations

from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import reader_for
from qwen_batch.records import Page

LINE = "The tenant shall pay the monthly rent in advance on the first working day of each month."


def show(x: float, y: float, text: str, before: str = "", size: float = 11) -> str:
    return f"q {before} BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET Q\n"


def pdf(tmp_path: Path, content: str, *, page: str = "", catalog: str = "", more: tuple[str, ...] = ()) -> Path:
    """A PDF of one page; objects 1 to 5 are catalog, pages, font, page and content, `more` begin with 6."""
    resources = "/Resources << /Font << /F1 3 0 R >> /Properties << /L0 6 0 R >> /XObject << /X0 7 0 R >> >>"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {resources} /Contents 5 0 R {page} >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        *more,
    ]
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    data += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}".encode()
    data += (
        f"trailer << /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{len(data) - len(table) - 30}\n%%EOF".encode()
    )
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    return path


def page_of(path: Path) -> Page:
    return reader_for("application/pdf").read(path, ReadSettings())[0]


def text_of(page: Page) -> str:
    return "\n".join(line.text for line in page.lines)


def widget(rect: str, keys: str) -> str:
    return f"<< /Type /Annot /Subtype /Widget /Rect [{rect}] /F 4 {keys} >>"


def form(tmp_path: Path, content: str, *widgets: str) -> Page:
    numbers = " ".join(f"{8 + at} 0 R" for at in range(len(widgets)))
    fonts = "/DR << /Font << /Helv 3 0 R >> >> /DA (/Helv 10 Tf 0 g)"
    catalog = f"/AcroForm << /Fields [{numbers}] /NeedAppearances true {fonts} >>"
    path = pdf(tmp_path, content, page=f"/Annots [{numbers}]", catalog=catalog, more=("null", "null", *widgets))
    return page_of(path)


def stream(data: str, keys: str = "") -> str:
    """A stream object."""
    return f"<< {keys} /Length {len(data)} >>\nstream\n{data}\nendstream"


def drawing(look: str) -> str:
    """The appearance of an annotation."""
    return stream(look, "/Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 3 0 R >> >>")
