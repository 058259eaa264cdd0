"""Reports as files without pages: Word, HTML, Markdown and plain text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from gen_docx import blocks_to_docx, docx_heading, docx_paragraph

if TYPE_CHECKING:
    from gen_outlines import Report, Section

TEXT_COLUMNS = 78


def report_to_docx(report: Report) -> bytes:
    """Headings by style, or as bold lines of ordinary paragraphs where the look says so."""
    styled = report.look["format"] == "docx"
    body = [docx_heading(report.title, 1, styled=styled)]
    for section in report.sections:
        body.append(docx_heading(section.heading.text, section.heading.level + 1, styled=styled))
        body += [docx_paragraph(text) for text in _blocks(section)]
    return blocks_to_docx(body)


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
