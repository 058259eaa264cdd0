"""Tiny PDF files written by hand: one page for each content stream, in Helvetica (/F1)."""

from __future__ import annotations

from pathlib import Path


def write_pdf(path: Path, *contents: str, page_keys: str = "/MediaBox [0 0 612 792]") -> Path:
    """A file with these pages; a form /X1 is not there, so draw on the page."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(contents)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, content in enumerate(contents):
        resources = "/Resources << /Font << /F1 3 0 R >> >>"
        page = f"<< /Type /Page /Parent 2 0 R {page_keys} {resources} /Contents {5 + 2 * index} 0 R >>"
        objects += [page, f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"]
    body, offsets = "%PDF-1.4\n", []
    for number, item in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{item}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    path.write_bytes((body + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + table + trailer).encode("latin-1"))
    return path


def show(x: float, y: float, text: str, size: float = 11) -> str:
    """Text from a place on, in the PDF's own space."""
    return f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n"


def show_turned(x: float, y: float, text: str, size: float = 11) -> str:
    """Text that runs upwards from a place on."""
    return f"BT /F1 {size} Tf 0 1 -1 0 {x} {y} Tm ({text}) Tj ET\n"


def grid(xs: list[float], ys: list[float]) -> str:
    """Rules at these places, as far as the outermost of them."""
    level = "".join(f"{xs[0]} {y} m {xs[-1]} {y} l S\n" for y in ys)
    return level + "".join(f"{x} {ys[0]} m {x} {ys[-1]} l S\n" for x in xs)
