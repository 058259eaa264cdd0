"""A folder of letters, what a fake engine that quotes says of them, and the report of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from helpers.pdfs import show, write_pdf

from benchmarks.report.quoting import Asked, answer_folder
from qwen_batch.config_file import load_config
from qwen_batch.report.site import Made, Request, make_report

JOB = '''"""Letters: who asks for how much, and under whose law."""

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Amount, Day, Job, Quoted


class Fact(Quoted):
    """A fact in a few words."""

    value: str = Field(max_length=200, description="the fact")


class Letter(BaseModel):
    """Facts of a letter."""

    sender: Fact | None = Field(description="who writes")
    dated: Day | None = Field(description="when")
    total: Amount | None = Field(description="how much")
    law: Fact | None = Field(description="whose law")
    items: list[Fact] = Field(max_length=5, description="what for")


JOB = Job(name="letter", schema=Letter, instruction="Extract the facts.", sampling=EXTRACTION, max_output_tokens=600)
'''
EVIL_NAME = "<script>window.hacked=1<.txt"
EVIL_VALUE = '<img src=x onerror="window.hacked=1"> & <script>window.hacked=1</script>'
SENDER = re.compile(r"(?:From|发件人|מאת): (.+)")
DATED = re.compile(r"Date: (\d{4}-\d\d-\d\d)")
TOTAL = re.compile(r"(USD|EUR) ([\d,]+\.\d\d)")
LAW = re.compile(r"Law: (.+)")
ITEM = re.compile(r"Item: (.+)")


def find(text: str) -> dict[str, Any]:
    """The facts of a letter, as the engine quotes them."""
    found: dict[str, Any] = {}
    for field, pattern in (("sender", SENDER), ("law", LAW)):
        if said := pattern.search(text):
            found[field] = {"quote": said[1].strip(), "value": said[1].strip()}
    if said := DATED.search(text):
        found["dated"] = {"quote": said[1], "date": said[1]}
    if said := TOTAL.search(text):
        found["total"] = {"quote": said[0], "value": float(said[2].replace(",", "")), "currency": said[1]}
    found["items"] = [{"quote": one[1].strip(), "value": one[1].strip()} for one in ITEM.finditer(text)][:5]
    return found


def letter(sender: str, dated: str, total: str, law: str = "Nevada", more: str = "") -> str:
    return f"From: {sender}\nDate: {dated}\nWe ask you to pay the sum of {total} for our work.\nLaw: {law}\n{more}"


def write_letters(folder: Path) -> None:
    """Letters of every kind that a report has to show."""
    folder.mkdir(parents=True)
    first = show(72, 700, "From: Brook Mills Ltd") + show(72, 640, "Date: 2024-03-01")
    first += show(72, 580, "Total") + show(72, 520, "USD 1,250.00") + show(72, 460, "for the work of the whole spring")
    second = "".join(show(72, 700 - 40 * n, f"Nothing that any field asks for stands in line {n}") for n in range(4))
    write_pdf(folder / "brook.pdf", first, second, show(72, 700, "Law: Delaware") + show(72, 640, "Signed by Ann"))
    turned = show(72, 500, "From: Sideways Supply Corp") + show(72, 400, "USD 88.00")
    turned += show(72, 300, "Date: 2023-11-30") + show(72, 200, "Law: Ohio")
    write_pdf(folder / "sideways.pdf", turned, page_keys="/MediaBox [0 0 612 792] /Rotate 90")
    write_pdf(folder / "changed.pdf", show(72, 700, "From: Old Letter Inc") + show(72, 640, "Date: 2021-01-01"))
    (folder / "gone.txt").write_text(letter("Lost and Sons", "2022-02-02", "USD 10.00"))
    (folder / "汉字.txt").write_text(
        "发件人: 青岚生鲜配送有限公司\nDate: 2024-05-06\n货款共计 EUR 300.00 元整。\n", "utf-8"
    )
    (folder / "עברית.txt").write_text("מאת: ספריית העיר\nDate: 2024-07-08\nהסכום הוא EUR 450.00 לחודש\n", "utf-8")
    (folder / EVIL_NAME).write_text(letter(EVIL_VALUE, "2024-01-09", "USD 66.00", more=f"Item: {EVIL_VALUE}\n"))
    for number in range(6):
        text = letter(
            f"House {number}", f"2024-02-1{number}", f"USD {100 + number}.00", more="Item: paper\nItem: ink\n"
        )
        (folder / f"house{number}.txt").write_text(text)
    (folder / "empty.txt").write_text("")


def answer_letters(root: Path) -> Path:
    """The output of a run over the letters."""
    jobs = root / "jobs"
    jobs.mkdir(parents=True)
    (jobs / "letter.py").write_text(JOB)
    write_letters(root / "in")
    config = load_config(None, ("engine.kind=null", f"cache.directory={root / 'cache'}"))
    answer_folder([str(root / "in")], root / "out", config, Asked("letter", jobs, find))
    return root / "out"


def report_letters(root: Path) -> Made:
    """The report of such a run; since then one letter has gone and one has changed."""
    output = answer_letters(root)
    (root / "in" / "gone.txt").unlink()
    write_pdf(root / "in" / "changed.pdf", show(72, 700, "From: New Letter Inc"))
    return make_report(Request(str(output)))
