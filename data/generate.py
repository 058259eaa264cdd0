"""Write the sample documents and their gold records: ``python data/generate.py``.

Everything under ``data/samples`` and ``data/gold`` comes from this script and
from the texts in ``data/texts``. A rerun gives the same bytes, provided that
the packages of ``data/requirements.txt`` and these Debian 12 fonts are
installed: ``fonts-liberation2`` (SIL OFL 1.1), ``fonts-dejavu-core`` (Bitstream
Vera licence) and ``fonts-droid-fallback`` (Apache-2.0).
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from gen_bad import BAD_FILES
from gen_docx import blocks_to_docx, docx_heading, docx_paragraph
from gen_gold import (
    Json,
    bad_file_to_record,
    sample_to_bodies,
    sample_to_contract_record,
    sample_to_demo_record,
    sample_to_page_records,
    sample_to_report_record,
)
from gen_layout import register_fonts, sample_to_pdf
from gen_model import Sample, SampleError, load_samples
from gen_scan import (
    page_to_photo_jpeg,
    pages_to_fax_tiff,
    pages_to_scan_pdf,
    pdf_to_images,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).parent
SPOILT = "contracts/services_agreement_en.pdf"
TEXT_COLUMNS = 76


def sample_to_bytes(sample: Sample) -> bytes:
    """Write one good document in the format that its suffix names."""
    suffix = Path(sample.source).suffix
    if suffix == ".md":
        return sample.text.lstrip().encode()
    if suffix == ".txt":
        return _sample_to_wrapped_text(sample).encode()
    if suffix == ".docx":
        return _sample_to_docx(sample)
    pdf = sample_to_pdf(sample)
    if sample.kind == "digital":
        return pdf
    if sample.scan is None:
        message = f"{sample.source}: no scan settings"
        raise SampleError(message)
    images = pdf_to_images(pdf, sample.scan.dpi)
    if suffix == ".jpg":
        return page_to_photo_jpeg(images[0], sample.scan)
    if suffix == ".tiff":
        return pages_to_fax_tiff(images, sample.scan)
    return pages_to_scan_pdf(images, sample.scan)


def _sample_to_wrapped_text(sample: Sample) -> str:
    paragraphs = "\n\n".join(sample_to_bodies(sample)).split("\n\n")
    return "\n\n".join(textwrap.fill(p, TEXT_COLUMNS) for p in paragraphs) + "\n"


def _sample_to_docx(sample: Sample) -> bytes:
    levels = {"title": 1, "heading": 2}
    return blocks_to_docx(
        [
            docx_heading(block.text, levels[block.kind]) if block.kind in levels else docx_paragraph(block.text)
            for page in sample.pages
            for block in page
        ]
    )


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file, with its folder, and print its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"{len(data):>9,}  {path.relative_to(DATA)}")


def write_jsonl(path: Path, records: Iterable[Json]) -> None:
    """Write one JSON object a line, as UTF-8."""
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    write_bytes(path, "".join(f"{line}\n" for line in lines).encode())


def main() -> None:
    """Write all samples, then all gold records."""
    register_fonts()
    samples = load_samples(DATA / "texts")
    for sample in samples:
        write_bytes(DATA / "samples" / sample.source, sample_to_bytes(sample))
    spoilt = next(sample for sample in samples if sample.source == SPOILT)
    for bad in BAD_FILES:
        write_bytes(DATA / "samples" / bad.source, bad.make(spoilt))
    contracts = [sample for sample in samples if sample.is_contract]
    reports = [sample for sample in samples if not sample.is_contract]
    pages = [record for sample in samples for record in sample_to_page_records(sample)]
    gold = DATA / "gold"
    write_jsonl(gold / "contracts.jsonl", map(sample_to_contract_record, contracts))
    write_jsonl(gold / "reports.jsonl", map(sample_to_report_record, reports))
    write_jsonl(gold / "pages.jsonl", pages)
    write_jsonl(gold / "demo.jsonl", (sample_to_demo_record(sample) for sample in samples if sample.demo))
    write_jsonl(gold / "bad.jsonl", map(bad_file_to_record, BAD_FILES))


if __name__ == "__main__":
    main()
