"""Reports as files without pages: Word, HTML, Markdown and plain text."""

from __future__ import annotations

import io
import textwrap
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from gen_outlines import Report, Section

FIXED_DATE = (2024, 1, 1, 0, 0, 0)
TEXT_COLUMNS = 78
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELATIONS = (
    f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_PACKAGE}">'
    '<Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/></Relationships>'
)


def report_to_docx(report: Report) -> bytes:
    """Headings by style, or as bold lines of ordinary paragraphs where the look says so."""
    styled = report.look["format"] == "docx"
    body = [docx_heading(report.title, 0, styled=styled)]
    for section in report.sections:
        body.append(docx_heading(section.heading.text, section.heading.level, styled=styled))
        body += [docx_paragraph(text) for text in _blocks(section)]
    return body_to_docx("".join(body))


def body_to_docx(body: str) -> bytes:
    """A Word file of paragraphs and tables; the styles H1 to H3 are headings."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="H{level}"><w:name w:val="heading {level}"/>'
        f'<w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr></w:style>'
        for level in (1, 2, 3)
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS.format(office=_OFFICE, kind="officeDocument", target="word/document.xml"),
        "word/_rels/document.xml.rels": _RELATIONS.format(office=_OFFICE, kind="styles", target="styles.xml"),
        "word/styles.xml": f"<w:styles {_W}>{styles}</w:styles>",
        "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, text in parts.items():
            packed.writestr(zipfile.ZipInfo(name, FIXED_DATE), text.encode(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def report_to_html(report: Report) -> bytes:
    """A page with h1 to h3."""
    parts = [f"<h1>{escape(report.title)}</h1>"]
    for section in report.sections:
        tag = f"h{section.heading.level + 1}"
        parts.append(f"<{tag}>{escape(section.heading.text)}</{tag}>")
        parts += [f"<p>{escape(text)}</p>" for text in section.paragraphs]
        if section.items:
            parts.append(f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in section.items)}</ul>")
        if section.table:
            rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in section.table)
            parts.append(f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>")
    body = "\n".join(parts)
    head = f"<title>{escape(report.title)}</title>"
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8">{head}</head><body>\n{body}\n</body></html>\n'.encode()


def report_to_markdown(report: Report) -> bytes:
    """Headings with one to three marks."""
    parts = [f"# {report.title}"]
    for section in report.sections:
        parts += [f"{'#' * (section.heading.level + 1)} {section.heading.text}", *section.paragraphs]
        if section.items:
            parts.append("\n".join(f"- {item}" for item in section.items))
        if section.table:
            head, *rows = [f"| {' | '.join(row)} |" for row in section.table]
            parts.append("\n".join([head, "|" + " --- |" * len(section.table[0]), *rows]))
    return "\n\n".join(parts).encode() + b"\n"


def report_to_text(report: Report) -> bytes:
    """Paragraphs wrapped, headings on lines of their own."""
    parts = [report.title]
    for section in report.sections:
        parts += [section.heading.text, *(textwrap.fill(text, TEXT_COLUMNS) for text in _blocks(section))]
    return "\n\n".join(parts).encode() + b"\n"


def _blocks(section: Section) -> list[str]:
    """The paragraphs, the items and the rows of a section, each a paragraph."""
    return [*section.paragraphs, *(f"- {item}" for item in section.items), *("   ".join(row) for row in section.table)]


def docx_heading(text: str, level: int, *, styled: bool) -> str:
    """A heading, by style or as a bold line; level 0 is the title."""
    if styled:
        return f'<w:p><w:pPr><w:pStyle w:val="H{level + 1}"/></w:pPr>{_run(text)}</w:p>'
    return f"<w:p>{_run(text, '<w:rPr><w:b/></w:rPr>')}</w:p>"


def docx_paragraph(text: str) -> str:
    """A paragraph of one run."""
    return f"<w:p>{_run(text)}</w:p>"


def _run(text: str, look: str = "") -> str:
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
