"""Documents for the jobs of the library, with gold as ``qwen-batch eval`` reads it: ``python data/gen_library.py``.

Owns what a text of ``library/texts/JOB/*.toml`` says: its words in the small Markdown of ``gen_model``, the format of
its file, and gold, one value a line. ``FONT_ROOT`` names a folder with the fonts where they are not installed.

A line of gold is ``path = value // another way to say it | quote``. A path that repeats is a list, ``-`` is nothing.
The quote stands once in the text; without one the value does, at least once.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gen_layout import sample_to_pdf
from gen_library_files import pages_to_docx, pages_to_html, pages_to_text
from gen_model import Layout, Sample, SampleError, text_to_pages
from gen_outline_pages import register_outline_fonts

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "library"
LOOKS: dict[str, dict[str, Any]] = {
    "en": {"paper": "a4", "font": "serif", "size": 11.0, "leading": 15.0, "margin_mm": 25.0, "align": "left"},
    "zh": {"paper": "a4", "font": "cjk", "size": 11.0, "leading": 17.0, "margin_mm": 25.0, "align": "left"},
}
NORMALISERS: dict[str, dict[str, str]] = {
    "minutes_actions": {"actions[].owner": "name"},
    "policy_obligations": {"obligations[].clause": "exact"},
    "resume_profile": {
        "name.value": "name",
        "email.value": "exact",
        "phone.value": "exact",
        "employments[].employer": "name",
        "employments[].title": "text",
        "employments[].start": "exact",
        "employments[].end": "exact",
        "education[].school": "name",
        "education[].year": "exact",
    },
}
"""How a job's fields are compared where the choice by name and type would be too kind, or too strict."""
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class GoldLine:
    """One value of a field: every way to say it that is right (none: the document lacks it), and the quote."""

    path: str
    accepted: tuple[str, ...]
    quote: str


@dataclass(frozen=True, slots=True)
class LibraryText:
    """One document of a job, as ``gen_model`` lays it out, and its gold."""

    job: str
    sample: Sample
    gold: tuple[GoldLine, ...]


def file_to_text(path: Path) -> LibraryText:
    """Read one text with its gold."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    job, text = path.parent.name, data["text"].strip("\n")
    sample = Sample(
        source=f"{job}/{path.stem}{data['suffix']}",
        kind="digital" if data["suffix"] == ".pdf" else "text",
        language=data["language"],
        text=text,
        pages=text_to_pages(text),
        layout=Layout(**LOOKS[data["language"]], **data.get("layout", {})),
        scan=None,
        parties=(),
        labels={},
        figures=(),
        demo=False,
    )
    return LibraryText(job, sample, tuple(_line_to_gold(line) for line in data["gold"].strip().splitlines()))


def _line_to_gold(line: str) -> GoldLine:
    path, found, rest = line.partition(" = ")
    if not found:
        raise SampleError(f"no line of gold: {line!r}")
    values, _, quote = rest.partition(" | ")
    accepted = () if values.strip() == NOTHING else tuple(value.strip() for value in values.split(" // "))
    return GoldLine(path.strip(), accepted, quote.strip())


def sample_to_file(sample: Sample) -> bytes:
    """The bytes of a document in the format that its suffix names."""
    match Path(sample.source).suffix:
        case ".pdf":
            return sample_to_pdf(sample)
        case ".docx":
            return pages_to_docx(sample.pages)
        case ".html":
            return pages_to_html(sample.pages)
        case ".txt":
            return pages_to_text(sample.pages, sample.language)
        case ".md":
            return f"{sample.text}\n".encode()
    raise SampleError(f"{sample.source}: no such format")


def text_to_record(text: LibraryText) -> dict[str, Any]:
    """The gold line of a document; pages are found, not typed in."""
    fields: dict[str, Any] = {}
    evidence: dict[str, list[dict[str, Any]]] = {}
    for line in text.gold:
        value: Any = line.accepted[0] if len(line.accepted) == 1 else {"any_of": list(line.accepted)}
        if "[]" in line.path:
            fields.setdefault(line.path, []).extend([value] if line.accepted else [])
        else:
            fields[line.path] = value if line.accepted else None
        if line.accepted:
            evidence.setdefault(line.path, []).extend(_places(line, text.sample))
    kinds = {path: kind for path, kind in NORMALISERS[text.job].items() if path in fields}
    record: dict[str, Any] = {"source": text.sample.source, "fields": fields, "evidence": evidence}
    return {**record, "normalisers": kinds} if kinds else record


def _places(line: GoldLine, sample: Sample) -> Iterator[dict[str, Any]]:
    quote = line.quote or line.accepted[0]
    bodies = ["\n".join(block.text for block in page) for page in sample.pages]
    counts = [body.count(quote) for body in bodies]
    if not sum(counts) or (line.quote and sum(counts) > 1):
        raise SampleError(f"{sample.source}: stands {sum(counts)} times: {quote}")
    paged = sample.kind == "digital"
    yield from ({"page": at if paged else 1, "quote": quote} for at, count in enumerate(counts, start=1) if count)


def main() -> None:
    """Write all documents, then the gold of each job."""
    register_outline_fonts()
    gold: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((FOLDER / "texts").glob("*/*.toml")):
        text = file_to_text(path)
        gold.setdefault(text.job, []).append(text_to_record(text))
        file = FOLDER / "samples" / text.sample.source
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(sample_to_file(text.sample))
        print(f"{file.stat().st_size:>9,}  {text.sample.source}")
    (FOLDER / "gold").mkdir(exist_ok=True)
    for job, records in gold.items():
        lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
        (FOLDER / "gold" / f"{job}.jsonl").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main()
