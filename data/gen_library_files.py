"""Pages of blocks as files without pages: Word, HTML and plain text. Knows nothing of gold."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, TypeAlias
from xml.sax.saxutils import escape

from gen_docx import blocks_to_docx, docx_heading, docx_paragraph

if TYPE_CHECKING:
    from gen_model import Block

TEXT_COLUMNS = {"en": 76, "zh": 38}
Pages: TypeAlias = "tuple[tuple[Block, ...], ...]"
_LEVELS = {"title": 1, "heading": 2}


def pages_to_docx(pages: Pages) -> bytes:
    """Headings by style, tables as tables."""
    return blocks_to_docx([_docx_block(block) for page in pages for block in page])


def pages_to_html(pages: Pages) -> bytes:
    """One page with h1, h2, p and table."""
    body = "\n".join(_html_block(block) for page in pages for block in page)
    head = f"<title>{escape(pages[0][0].text)}</title>"
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8">{head}</head><body>\n{body}\n</body></html>\n'.encode()


def pages_to_text(pages: Pages, language: str) -> bytes:
    """Lines wrapped as a mail program does it, the cells of a table apart by spaces."""
    return ("\n\n".join(_text_block(block, language) for page in pages for block in page) + "\n").encode()


def _docx_block(block: Block) -> str:
    if block.kind in _LEVELS:
        return docx_heading(block.text, _LEVELS[block.kind])
    if block.kind == "paragraph":
        return "".join(docx_paragraph(text) for (text,) in block.rows)
    rows = ("".join(f"<w:tc>{docx_paragraph(cell)}</w:tc>" for cell in row) for row in block.rows)
    grid = "<w:gridCol/>" * len(block.rows[0])
    return f"<w:tbl><w:tblGrid>{grid}</w:tblGrid>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def _html_block(block: Block) -> str:
    if block.kind in _LEVELS:
        tag = f"h{_LEVELS[block.kind]}"
        return f"<{tag}>{escape(block.text)}</{tag}>"
    if block.kind == "paragraph":
        return "\n".join(f"<p>{escape(text)}</p>" for (text,) in block.rows)
    rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in block.rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _text_block(block: Block, language: str) -> str:
    if block.kind == "table":
        return "\n".join("   ".join(row) for row in block.rows)
    lines = (line for row in block.rows for line in row)
    return "\n".join(textwrap.fill(line, TEXT_COLUMNS[language], break_on_hyphens=False) for line in lines)
