"""Write the samples that are lists, and their gold: ``python data/gen_lists.py``.

A price list as csv with rows that stand twice, and an invoice as HTML whose
lines and sums agree. Needs nothing but Python. The gold is in the form that
``qwen-batch eval`` reads.
"""

from __future__ import annotations

import csv
import html
import io
import json
from pathlib import Path

DATA = Path(__file__).parent
PRICES = (
    ("FB-1001", "Hex bolt M6 x 20, zinc", "box", "11.90", "2026-01-01"),
    ("FB-1002", "Hex bolt M8 x 30, zinc", "box", "14.25", "2026-01-01"),
    ("FB-1003", "Hex bolt M10 x 40, zinc", "box", "1,019.80", "2026-01-01"),
    ("FW-2001", "Washer M6, stainless", "pc", "0.04", "2026-01-01"),
    ("FW-2002", "Washer M8, stainless", "pc", "0.06", "2026-03-01"),
    ("FW-2001", "Washer M6, stainless", "pc", "0.04", "2026-01-01"),
    ("FN-3001", "Lock nut M6, nylon", "box", "8.70", "2026-01-01"),
    ("FN-3002", "Lock nut M8, nylon", "box", "9.95", "2026-04-01"),
    ("FA-4001", "Wall anchor 8 mm", "set", "6.40", "2026-01-01"),
    ("FA-4002", "Wall anchor 10 mm", "set", "7.80", "2026-01-01"),
    ("FB-1001", "Hex bolt M6 x 20, zinc", "box", "11.90", "2026-01-01"),
    ("FT-5001", "Threaded rod M10, 1 m", "m", "3.15", "2026-06-01"),
)
"""Item number, description, unit, price, first day: two rows stand twice."""
LINES = (
    ("Paper A4, 80 g", 12, "4.50", "54.00"),
    ("Toner black", 2, "61.25", "122.50"),
    ("Delivery", 1, "9.90", "9.90"),
)
SUBTOTAL, TAX, TOTAL = "186.40", "35.42", "221.82"


def price_list() -> bytes:
    """The csv file."""
    out = io.StringIO()
    head = ("Item No.", "Description", "Unit", "Unit price", "Valid from")
    csv.writer(out).writerows([head, *PRICES])
    return out.getvalue().encode()


def invoice() -> bytes:
    """The HTML file."""
    head = "".join(f"<th>{name}</th>" for name in ("Description", "Quantity", "Unit price", "Amount"))
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in line) + "</tr>\n" for line in LINES
    )
    return (
        "<!DOCTYPE html><html lang='en'><body><h1>Invoice 2026-0117</h1>\n"
        "<p>Halvorsen Office Supply Ltd., 14 Quay Street, Whitby</p>\n"
        "<p>Date of issue: 12 May 2026</p>\n"
        f"<table><tr>{head}</tr>\n{rows}</table>\n"
        f"<p>Subtotal before tax: EUR {SUBTOTAL}</p>\n<p>VAT 19 %: EUR {TAX}</p>\n"
        f"<p>Total to pay: EUR {TOTAL}</p></body></html>\n"
    ).encode()


def gold() -> list[dict[str, object]]:
    """What is right of both, a line each."""
    prices = {
        "lines[].item": [row[0] for row in PRICES],
        "lines[].price": [float(row[3].replace(",", "")) for row in PRICES],
        "count": len(PRICES),
    }
    sums = {
        "company.name": "Halvorsen Office Supply Ltd.",
        "date.date": "2026-05-12",
        "total.value": float(TOTAL),
        "lines[].amount": [float(line[3]) for line in LINES],
        "lines_sum": float(SUBTOTAL),
    }
    return [
        {"source": "lists/price_list_en.csv", "fields": prices},
        {"source": "lists/invoice_en.html", "fields": sums},
    ]


def main() -> None:
    """Write the samples, then their gold: a file a job."""
    folder = DATA / "samples" / "lists"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "price_list_en.csv").write_bytes(price_list())
    (folder / "invoice_en.html").write_bytes(invoice())
    for name, record in zip(("price_list", "invoice_receipt"), gold(), strict=True):
        (DATA / "gold" / f"{name}.jsonl").write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
