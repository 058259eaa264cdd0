"""export: the command, and the links into a report that is there."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from helpers.published import publish_run, record
from helpers.reported import report_letters
from python_calamine import CalamineWorkbook

from qwen_batch.cli import exit_code_of
from qwen_batch.errors import EXIT_OK, EXIT_USAGE
from qwen_batch.job.files import find_job, load_job


def links(book: Path) -> list[str]:
    with zipfile.ZipFile(book) as package:
        name = "xl/worksheets/_rels/sheet1.xml.rels"
        return re.findall('Target="([^"]+)"', package.read(name).decode()) if name in package.namelist() else []


@pytest.mark.subprocess
def test_a_document_leads_to_its_page_of_the_report(tmp_path: Path) -> None:
    output = report_letters(tmp_path).first_page.parents[1]
    for place in (output / "t.xlsx", tmp_path / "elsewhere.xlsx"):
        assert exit_code_of(["export", str(output), "--job", "letter", "--to", str(place)]) == EXIT_OK
        found = links(place)
        names = CalamineWorkbook.from_path(place).get_sheet_by_name("letter").to_python()
        assert len(found) == len(names) - 1
        for link, row in zip(found, names[1:], strict=True):
            assert link.startswith("_report/d/") == (place.parent == output)
            page = output / link if place.parent == output else Path(unquote(link.removeprefix("file://")))
            shown = page.read_text("utf-8")
            assert str(row[0]).replace("<", "&lt;").replace(">", "&gt;") in shown


def test_without_a_report_there_are_no_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.py").write_text(
        "from pydantic import BaseModel\nfrom qwen_batch import EXTRACTION, Job\n\n\n"
        "class Letter(BaseModel):\n    yes: bool\n\n\n"
        'JOB = Job(name="letter", schema=Letter, instruction="Read.", sampling=EXTRACTION)\n'
    )
    job = load_job(find_job(str(tmp_path / "letter.py"), tmp_path))
    publish_run(tmp_path / "out", job, [record(job, "a.txt", {"yes": True})])
    assert exit_code_of(["export", str(tmp_path / "out"), "--to", str(tmp_path / "t.xlsx")]) == EXIT_OK
    assert links(tmp_path / "t.xlsx") == []
    assert capsys.readouterr().out == f"1 documents of letter: {tmp_path / 't.xlsx'}\n"


def test_an_unknown_job_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["export", str(tmp_path), "--job", "x", "--to", str(tmp_path / "t.csv")]) == EXIT_USAGE
    assert "remedy" in capsys.readouterr().err
