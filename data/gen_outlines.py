"""Reports with headings of every kind, and gold for their outlines: ``python data/gen_outlines.py``.

Owns the words: each file of ``outlines/texts`` holds the headings and the
sentences that matter, and between them stand sentences that say little, drawn
by a generator that the file's name seeds. Looks are ``gen_outline_pages``'s.
``FONT_ROOT`` names a folder with the fonts where they are not installed.
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gen_outline_files import report_to_docx, report_to_html, report_to_markdown, report_to_text
from gen_outline_pages import register_outline_fonts, report_to_pdf, report_to_scan

FOLDER = Path(__file__).parent / "outlines"
SUFFIXES = {"docx_bold": ".docx", "scan": ".pdf"}
FIGURE = re.compile(r"\{([^:}]+): ([^}]+)\}")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
CHINESE = "一二三四五六七八九十"
LATE_SHARE = 0.4
"""Of the sentences that matter, how many may stand anywhere in their section; the others are in its first paragraph."""
YEARS = ("2021", "2022", "2023")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as printed; ``level`` is 1 for a section, 2 for what stands in one."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure, and the sentence that states it."""

    name: str
    value: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its blocks: a paragraph is text, a table rows of cells, a list items."""

    heading: Heading
    paragraphs: tuple[str, ...]
    items: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All that is needed to write a report and its gold; ``look`` are the keys of its file."""

    name: str
    look: dict[str, Any]
    title: str
    sections: tuple[Section, ...]
    figures: tuple[Figure, ...] = field(default=())

    @property
    def file_name(self) -> str:
        """The file in ``outlines/samples``."""
        kind = self.look["format"]
        return self.name + SUFFIXES.get(kind, f".{kind}")


def file_to_report(path: Path) -> Report:
    """Read one text and fill its sections."""
    look = tomllib.loads(path.read_text(encoding="utf-8"))
    rng = random.Random(path.stem)
    filler = (FOLDER / f"filler_{look['language']}.txt").read_text(encoding="utf-8").split("\n")[:-1]
    title, *parts = re.split(r"^#+ ", look.pop("text").strip(), flags=re.MULTILINE)[1:]
    levels = [len(mark) - 1 for mark in re.findall(r"^#+", path.read_text(encoding="utf-8"), re.MULTILINE)][1:]
    volume = 1 if look["format"] == "scan" else rng.choice((2, 4, 8))
    glue = "" if look["language"] == "zh" else " "
    counts = [0, 0]
    sections, figures = [], []
    for place, (level, part) in enumerate(zip(levels, parts, strict=True)):
        heading, _, sentence = part.strip().partition("\n")
        counts = [counts[0] + 1, 0] if level == 1 else [counts[0], counts[1] + 1]
        plain = FIGURE.sub(r"\2", sentence)
        figures += [Figure(name, value, plain) for name, value in FIGURE.findall(sentence)]
        paragraphs = [rng.sample(filler, rng.randint(3, 6)) for _ in range(rng.randint(1, 2 * volume))]
        told = rng.choice(paragraphs) if rng.random() < LATE_SHARE else paragraphs[0]
        told.insert(rng.randint(0, 3), plain)
        sections.append(
            Section(
                Heading(level, numbered(look["numbering"], counts, heading, contents="contents" in look)),
                tuple(glue.join(some) for some in paragraphs),
                tuple(rng.sample(filler, 3)) if place == 1 else (),
                _table(look["language"], rng) if place == 2 else (),
            )
        )
    return Report(path.stem, look, title.strip(), tuple(sections), tuple(figures))


def _table(language: str, rng: random.Random) -> tuple[tuple[str, ...], ...]:
    names = ("东区", "西区", "合计") if language == "zh" else ("East", "West", "Total")
    head = ("地区" if language == "zh" else "District", *YEARS)
    return (head, *((name, *(f"{rng.uniform(10, 99):.1f}" for _ in YEARS)) for name in names))


def numbered(numbering: str, counts: list[int], heading: str, *, contents: bool) -> str:
    """A heading as it is printed; ``counts`` are those of sections and of what stands in this one."""
    section, part = counts
    decimal = f"{section}.{part} {heading}"
    match numbering, bool(part):
        case "decimal", False:
            return f"{section} {heading}" if contents else f"{section}. {heading}"
        case "decimal" | "chapters", True:
            return decimal
        case "chapters", False:
            return f"Chapter {section} {heading}"
        case "mixed", _:
            return f"({chr(96 + part)}) {heading}" if part else f"{section}. {heading}"
        case "roman", _:
            return f"{ROMAN[section - 1]}. {heading}"
        case "letters", _:
            return f"{chr(64 + section)}. {heading}"
        case "caps", _:
            return heading.upper()
        case "chapter_zh", _:
            return f"第{CHINESE[part - 1]}节 {heading}" if part else f"第{CHINESE[section - 1]}章 {heading}"
        case "list_zh", _:
            return f"（{CHINESE[part - 1]}）{heading}" if part else f"{CHINESE[section - 1]}、{heading}"
    return heading


def report_to_file(report: Report) -> tuple[bytes, dict[str, int]]:
    """The bytes of a report, and the page of each heading and sentence that is not on the first."""
    match report.look["format"]:
        case "pdf":
            written = report_to_pdf(report)
            return written.data, written.pages
        case "scan":
            written = report_to_pdf(report)
            return report_to_scan(report, written.data), written.pages
        case "docx" | "docx_bold":
            return report_to_docx(report), {}
        case "html":
            return report_to_html(report), {}
        case "md":
            return report_to_markdown(report), {}
        case "txt":
            return report_to_text(report), {}
    message = f"{report.name}: no format {report.look['format']}"
    raise ValueError(message)


def report_to_gold(report: Report, pages: dict[str, int]) -> dict[str, Any]:
    """The outline that a perfect reader would give."""
    headings = [section.heading for section in report.sections]
    return {
        "source": f"samples/{report.file_name}",
        "language": report.look["language"],
        "kind": "scan" if report.look["format"] == "scan" else "digital",
        "title": report.title,
        "headings": [{"level": one.level, "text": one.text, "page": pages.get(one.text, 1)} for one in headings],
        "figures": [
            {"name": one.name, "value": one.value, "quote": one.sentence, "page": pages.get(one.sentence, 1)}
            for one in report.figures
        ],
    }


def main() -> None:
    """Write all reports, then their gold."""
    register_outline_fonts()
    gold = []
    (FOLDER / "samples").mkdir(exist_ok=True)
    for path in sorted((FOLDER / "texts").glob("*.toml")):
        report = file_to_report(path)
        data, pages = report_to_file(report)
        (FOLDER / "samples" / report.file_name).write_bytes(data)
        gold.append(report_to_gold(report, pages))
        print(f"{len(data):>9,}  {report.file_name}")
    lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in gold)
    (FOLDER / "gold.jsonl").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main()
