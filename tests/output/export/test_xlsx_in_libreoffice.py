"""xlsx, opened by LibreOffice without a screen: what a spreadsheet program shows is what was exported."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from qwen_batch.output.export.separated import write_csv
from qwen_batch.output.export.table import Exported
from qwen_batch.output.export.xlsx import write_xlsx

TEXTS = ("=1+1", '=HYPERLINK("http://x","y")', "+49 30 1", "@SUM(A1)", "Zürich 合同", "two\nlines", "007", " x ")
LIMIT_S = 300
CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false"
"""Commas, quotes, UTF-8, and cells as they are stored, not as they are formatted."""


def _office() -> str | None:
    """LibreOffice, if its Calc is installed too."""
    found = shutil.which("soffice")
    return found if found and (Path(found).resolve().parent / "libsclo.so").exists() else None


pytestmark = [
    pytest.mark.subprocess,
    pytest.mark.skipif(_office() is None, reason="LibreOffice Calc is not installed"),
]


@pytest.fixture
def exported() -> Exported:
    rows = [
        {"document": f"{number}.pdf", "source_uri": f"/in/{number}.pdf", "doc_id": str(number), "value": text}
        | {"day": date(2024, 2, 29), "amount": -12.5, "count": number, "yes": number % 2 == 0}
        for number, text in enumerate(TEXTS)
    ]
    columns = {"day": pa.date32(), "amount": pa.float64(), "count": pa.int64(), "yes": pa.bool_()}
    names = [(name, pa.string()) for name in ("document", "source_uri", "doc_id", "value")]
    return Exported("job", pa.Table.from_pylist(rows, schema=pa.schema([*names, *columns.items()])), ())


def opened(path: Path, *options: str) -> list[dict[str, str]]:
    """The lines of a file's first sheet, as LibreOffice has opened it."""
    out = path.parent / "opened"
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = [_office(), profile, "--headless", *options, "--convert-to", CSV, "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=LIMIT_S)
    (written,) = out.iterdir()
    return list(csv.DictReader(io.StringIO(written.read_bytes().decode("utf-8-sig"), newline="")))


def test_a_workbook_says_there_what_was_exported(tmp_path: Path, exported: Exported) -> None:
    with (tmp_path / "table.xlsx").open("wb") as file:
        write_xlsx(exported, None, file)
    rows = opened(tmp_path / "table.xlsx")
    assert [row["value"] for row in rows] == list(TEXTS)
    assert [row["document"] for row in rows] == [f"{number}.pdf" for number in range(len(TEXTS))]
    assert [row["count"] for row in rows] == [str(number) for number in range(len(TEXTS))]
    assert {row["amount"] for row in rows} == {"-12.5"}
    assert [row["yes"].casefold() for row in rows] == ["true", "false"] * 4


def test_text_of_a_csv_file_is_computed_nowhere(tmp_path: Path, exported: Exported) -> None:
    with (tmp_path / "table.csv").open("wb") as file:
        write_csv(exported, None, file)
    rows = opened(tmp_path / "table.csv", "--infilter=CSV:44,34,76,1")
    values = [row["value"] for row in rows]
    assert values[:4] == [f"'{text}" for text in TEXTS[:4]]
    assert values[4:6] == list(TEXTS[4:6])
