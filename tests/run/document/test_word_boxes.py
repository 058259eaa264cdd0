"""word_boxes: evidence in a digital PDF points at its words, not at whole lines; anything else keeps what it has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.children import warm, warm_isolator
from helpers.documents import documents_at

from qwen_batch.config import Config
from qwen_batch.evidence.locate import locate_quote, text_to_index
from qwen_batch.outcomes import Evidence
from qwen_batch.reading.document_to_text import ReadText, document_to_text, make_tools
from qwen_batch.reading.isolate.isolator import Crash, Isolator
from qwen_batch.records import CleanDocument, Document
from qwen_batch.run.document.word_boxes import evidence_with_words

pytestmark = pytest.mark.subprocess


@pytest.fixture
def clean(null_config: Config, samples: Path) -> CleanDocument:
    (document,) = documents_at(samples / "contracts" / "services_agreement_en.pdf")
    read = document_to_text(document, warm(make_tools(null_config)))
    assert isinstance(read, ReadText)
    return read.clean


@pytest.fixture
def isolator() -> Isolator:
    return warm_isolator()


def evidence_for(quote: str, clean: CleanDocument) -> Evidence:
    match = locate_quote(quote, text_to_index(clean.text))
    assert match.start is not None
    line = next(line for line in clean.lines if line.end > match.start)
    return Evidence("f", "v", quote, line.page, match.start, match.end, (line.box,), match.kind, match.score)


def long_line(clean: CleanDocument) -> str:
    return max((clean.text[line.start : line.end] for line in clean.lines), key=len)


def test_evidence_is_boxed_by_its_words_within_the_box_of_its_line(clean: CleanDocument, isolator: Isolator) -> None:
    text = long_line(clean)
    first_words = " ".join(text.split()[:3])
    before = evidence_for(first_words, clean)
    (after,) = evidence_with_words([before], clean, isolator)
    (line,), (words,) = before.boxes, after.boxes
    assert replace(after, boxes=before.boxes) == before
    assert words.x1 - words.x0 < 0.6 * (line.x1 - line.x0)
    assert line.x0 - 1 <= words.x0 < words.x1 <= line.x1 + 1
    assert line.y0 - 1 <= words.y0 < words.y1 <= line.y1 + 1


def test_a_file_that_has_gone_or_breaks_the_child_keeps_the_boxes_of_its_lines(
    clean: CleanDocument, isolator: Isolator, tmp_path: Path
) -> None:
    class CrashingIsolator(Isolator):
        def call(self, *_: object, **__: object) -> Crash:
            return Crash("crashed", "signal 11")

    evidence = (evidence_for(long_line(clean), clean),)
    gone = replace(clean, document=replace(clean.document, uri=str(tmp_path / "gone.pdf")))
    assert evidence_with_words(evidence, gone, isolator) == evidence
    assert evidence_with_words(evidence, clean, CrashingIsolator(1, 256)) == evidence


def test_text_without_positions_is_left_alone(clean: CleanDocument, isolator: Isolator) -> None:
    evidence = (evidence_for(long_line(clean), clean),)
    plain = replace(clean, document=Document("id", "/no/file.txt", "text/plain", 1))
    assert evidence_with_words(evidence, plain, isolator) == evidence
