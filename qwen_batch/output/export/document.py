"""One document's row with its evidence: as values, and as a table of HTML that a notebook shows."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qwen_batch.errors import UsageError
from qwen_batch.output.export.cells import as_text, clean_text
from qwen_batch.output.export.table import CONFIDENCE, PAGE_NUMBERS, QUOTES, Exported, output_to_exported
from qwen_batch.output.views.flat import AFTER, BEFORE, INCOMPLETE
from qwen_batch.output.views.reading import read_evidence

_KNOWN_BY = ("source_uri", "document", "doc_id")
_RECORD = f"record{CONFIDENCE}"
_NO_FIELD = frozenset({*BEFORE, *AFTER, INCOMPLETE, _RECORD})
_SUFFIXES = (QUOTES, PAGE_NUMBERS, CONFIDENCE)
_STANDS = "value"
_HEAD = ("field", "value", "confidence", "page", "quote")
_NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A value with where it stands; `confidence` is that of the field, on its first line."""

    field: str
    value: Any
    confidence: float | None
    page: int | None
    quote: str | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document's latest row of a job: `row` has the columns of the flat view, `evidence` those of its own view.

    `lines` are its values one by one, items of lists apart.
    """

    job: str
    row: Mapping[str, Any]
    evidence: pa.Table = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)

    def __getitem__(self, column: str) -> Any:
        return self.row[column]

    def _repr_html_(self) -> str:
        """A table of its values, and one of the candidates that do not stand, if there are any."""
        row = self.row
        sure = row.get(_RECORD)
        title = f"{row['document']} · {self.job}" + (f" · confidence {sure:.2f}" if sure is not None else "")
        body = "".join(_row_html(line) for line in self.lines)
        table = f"<table><thead>{_cells('th', _HEAD)}</thead><tbody>{body}</tbody></table>"
        return f'<div><b title="{_safe(row["source_uri"])}">{_safe(title)}</b>{table}{self._others()}</div>'

    def _others(self) -> str:
        rows = [one for one in self.evidence.to_pylist() if (one["standing"] or _STANDS) != _STANDS]
        if not rows:
            return ""
        names = ("standing", "path", "value", "page", "quote")
        body = "".join(f"<tr>{_cells('td', (one[name] for name in names))}</tr>" for one in rows)
        return (
            f"<table><caption>does not stand</caption><thead>{_cells('th', names)}</thead><tbody>{body}</tbody></table>"
        )


def read_document(output: str | Path, job: str, document: str | Path) -> DocumentRow:
    """A document's latest row of a job with its evidence; `document` is its name, its source_uri or its doc_id.

    All rows of the table go through memory. Raises UsageError for an unknown job or document, and where a name is that
    of several.
    """
    exported = output_to_exported(str(output), job)
    row = _found(exported, str(document), str(output))
    evidence = read_evidence(output, job)
    own = evidence.filter(pc.equal(evidence["source_uri"], row["source_uri"]))
    return DocumentRow(job, row, own, tuple(_lines(exported, row)))


def _found(exported: Exported, wanted: str, output: str) -> dict[str, Any]:
    rows = exported.rows
    for name in _KNOWN_BY:
        found = rows.filter(pc.equal(rows[name], wanted))
        if found.num_rows == 1:
            return dict(found.to_pylist()[0])
        if found.num_rows:
            places = ", ".join(found["source_uri"].to_pylist()[:_NAMED_AT_MOST])
            raise UsageError(f"{output}: {found.num_rows} documents are {wanted!r}", f"give the source_uri: {places}")
    names = [str(name) for name in rows["document"].to_pylist()]
    near = difflib.get_close_matches(wanted, names, 1) or names[:_NAMED_AT_MOST]
    raise UsageError(
        f"{output}: job {exported.job!r} has no row of a document {wanted!r}",
        f"documents there: {', '.join(near) or 'none'}; read_failures says what failed",
    )


def _lines(exported: Exported, row: Mapping[str, Any]) -> Iterator[Line]:
    lists = {one.name: one for one in exported.lists}
    for name in row:
        if name in _NO_FIELD or any(name.endswith(end) and name.removesuffix(end) in row for end in _SUFFIXES):
            continue
        sure = row.get(f"{name}{CONFIDENCE}")
        if name not in lists or not row[name]:
            plain = name not in lists
            beside = [row.get(f"{name}{end}") if plain else None for end in (PAGE_NUMBERS, QUOTES)]
            yield Line(name, row[name] or None if name in lists else row[name], sure, *beside)
            continue
        quotes, pages = (row.get(f"{name}{end}") or [None] * len(row[name]) for end in (QUOTES, PAGE_NUMBERS))
        for number, (item, page, quote) in enumerate(zip(row[name], pages, quotes, strict=True), 1):
            yield Line(f"{name}[{number}]", item, sure if number == 1 else None, page, quote)


def _row_html(line: Line) -> str:
    sure = f"{line.confidence:.2f}" if line.confidence is not None else None
    return f"<tr>{_cells('td', (line.field, line.value, sure, line.page, line.quote))}</tr>"


def _cells(tag: str, values: Any) -> str:
    """Cells whose text runs as its first letter does."""
    return "".join(f'<{tag} dir="auto" style="text-align:start">{_safe(value)}</{tag}>' for value in values)


def _safe(value: Any) -> str:
    return escape(clean_text(as_text(value)))
