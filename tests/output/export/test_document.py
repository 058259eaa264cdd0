"""document: one row with its evidence, as a notebook shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest
from helpers.published import evidence, publish_run, record
from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Amount, Job, Party, Quoted, read_document
from qwen_batch.errors import UsageError

EVIL = '<script>window.hacked=1</script>" onload="x'


class Fact(Quoted):
    value: str = Field(max_length=80)


class Letter(BaseModel):
    law: Fact | None
    total: Amount | None
    parties: list[Party] = Field(max_length=4)


JOB = Job(name="letter", schema=Letter, instruction="Read.", sampling=EXTRACTION)
ANSWER = {
    "law": {"value": EVIL, "quote": f"the law of {EVIL}"},
    "total": None,
    "parties": [
        {"name": "Ann", "quote": "Ann, seller", "role": "seller"},
        {"name": "ספריית", "quote": "ספריית", "role": None},
    ],
}
EVIDENCE = (
    evidence("law.value", EVIL, f"the law of {EVIL}", 3),
    replace(evidence("total.value", "9", f"nine {EVIL}", 5), standing="rejected"),
    evidence("parties[1].name", "ספריית", "ספריית", 2),
)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    scores = dict.fromkeys(ANSWER, 0.5) | {"record": 0.75}
    names = ("a/x.txt", "b/x.txt", f"{EVIL}.txt".replace("/", ""))
    publish_run(
        tmp_path / "out", JOB, [record(JOB, name, ANSWER, evidence=EVIDENCE, confidence=scores) for name in names]
    )
    return tmp_path / "out"


def rows(page: str) -> list[list[str]]:
    return [[cell.text_content() for cell in line] for line in lxml.html.fromstring(page).iter("tr")]


def test_each_value_stands_beside_its_page_and_quote(output: Path) -> None:
    found = read_document(output, "letter", "/in/a/x.txt")
    shown = rows(found._repr_html_())
    assert ["law", EVIL, "0.50", "3", f"the law of {EVIL}"] in shown
    assert ["total", "", "0.50", "", ""] in shown
    assert ["parties[1]", "Ann, seller", "0.50", "", "Ann, seller"] in shown
    assert ["parties[2]", "ספריית", "", "2", "ספריית"] in shown
    assert ["rejected", "total.value", "9", "5", f"nine {EVIL}"] in shown
    assert (found["law"], found.row["law__page"], found.evidence.num_rows) == (EVIL, 3, 3)


def test_what_documents_say_does_nothing_in_a_notebook(output: Path) -> None:
    page = read_document(output, "letter", f"{EVIL}.txt".replace("/", ""))._repr_html_()
    tree = lxml.html.fromstring(page)
    assert {element.tag for element in tree.iter()} <= {
        "div",
        "b",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
    assert {name for element in tree.iter() for name in element.attrib} <= {"dir", "style", "title"}
    assert "script" not in {element.tag for element in tree.iter()}


def test_a_document_is_found_by_its_id_too(output: Path) -> None:
    assert read_document(output, "letter", "id-b/x.txt")["source_uri"] == "/in/b/x.txt"


def test_a_name_of_several_documents_and_one_of_none_say_what_to_do(output: Path) -> None:
    with pytest.raises(UsageError, match=r"2 documents are 'x\.txt'") as several:
        read_document(output, "letter", "x.txt")
    assert "/in/a/x.txt, /in/b/x.txt" in several.value.remedy
    with pytest.raises(UsageError, match=r"'letter' has no row of a document 'y\.txt'") as none:
        read_document(output, "letter", "y.txt")
    assert "x.txt" in none.value.remedy
    with pytest.raises(UsageError, match="no published table of job 'lettre'"):
        read_document(output, "lettre", "x.txt")
