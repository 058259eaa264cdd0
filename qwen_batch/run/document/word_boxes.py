"""Word boxes on demand: for the lines that evidence stands in, and for no others.

Reading gives a box for every line; boxes of words cost more than all the rest, and a few lines of a document need them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qwen_batch.config import ReadSettings
from qwen_batch.errors import OutputError
from qwen_batch.evidence.ground import boxes_of, lines_between
from qwen_batch.outcomes import Evidence
from qwen_batch.reading.isolate.isolator import Crash, Isolator
from qwen_batch.reading.originals import ChangedError, is_unchanged, local_file
from qwen_batch.reading.parts.reader import Unreadable, reader_for
from qwen_batch.records import CleanDocument, LineSpan

DEFAULTS = ReadSettings()
"""Limits under which the member of an archive is unpacked again."""


def evidence_with_words(evidence: Sequence[Evidence], clean: CleanDocument, isolator: Isolator) -> tuple[Evidence, ...]:
    """The evidence with boxes around its words instead of its lines, where the document's reader can tell them.

    What cannot be read again (a file that has gone meanwhile) keeps the boxes of its lines.
    """
    wanted = _lines_without_words(evidence, clean)
    fuller = _with_words(clean, wanted, isolator) if wanted else clean
    return (
        tuple(replace(one, boxes=boxes_of(one, fuller)) for one in evidence) if fuller is not clean else tuple(evidence)
    )


def with_all_words(clean: CleanDocument, isolator: Isolator) -> CleanDocument:
    """The text with the words of all lines that have a box, where the document's reader can tell them."""
    wanted: dict[int, list[LineSpan]] = {}
    for line in clean.lines:
        if not line.words and line.box.y1 > line.box.y0:
            wanted.setdefault(line.page, []).append(line)
    return _with_words(clean, wanted, isolator) if wanted else clean


def _with_words(clean: CleanDocument, wanted: Mapping[int, Sequence[LineSpan]], isolator: Isolator) -> CleanDocument:
    """The text with the words of some lines; as it is where its file cannot be read again or cannot tell them."""
    try:
        line_words = reader_for(clean.document.mime).line_words
        if line_words is None:
            return clean
        boxes = {page: [line.box for line in lines] for page, lines in wanted.items()}
        path = local_file(clean.document, DEFAULTS, isolator)
        found = isolator.call(line_words, path, boxes)
        if isinstance(found, Crash) or isolator.call(is_unchanged, clean.document, path) is not True:
            return clean
    except (Unreadable, OSError, OutputError, ChangedError):
        return clean
    words = {line.start: said for page in wanted for line, said in zip(wanted[page], found[page], strict=True)}
    return replace(clean, lines=tuple(replace(line, words=words.get(line.start, line.words)) for line in clean.lines))


def _lines_without_words(evidence: Sequence[Evidence], clean: CleanDocument) -> dict[int, list[LineSpan]]:
    wanted: dict[int, dict[int, LineSpan]] = {}
    for one in evidence:
        if one.start is None or one.end is None:
            continue
        for line in lines_between(clean, one.start, one.end):
            if not line.words and line.box.y1 > line.box.y0:
                wanted.setdefault(line.page, {})[line.start] = line
    return {page: list(lines.values()) for page, lines in wanted.items()}
