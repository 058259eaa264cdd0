"""What the pages hand to their script: values, words of pages and the queue, as JSON inside of the page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from qwen_batch.report.content import Shown
from qwen_batch.report.pages import DocumentView, PageView, PlacedWord
from qwen_batch.report.queue import Queue
from qwen_batch.report.rendering import label

UNITS_A_POINT = 10
"""Places of words are whole tenths of a point."""


def document_data(shown: Shown, view: DocumentView, output: str) -> dict[str, Any]:
    """A document's values by id, in their order, and the words of its pages."""
    return {
        "output": output,
        "page": f"d/{shown.key}.html",
        "doc": {"doc_id": shown.doc_id, "source_uri": shown.source_uri, "name": shown.name},
        "values": [
            {
                "id": value.id,
                "job": answer.job,
                "run_id": answer.run_id,
                "job_fingerprint": answer.fingerprint,
                "path": value.path,
                "label": label(value.label),
                "kind": value.kind,
                "value": value.value,
                "decoy": value.decoy,
                "error": round(value.error, 4),
            }
            for answer in shown.answers
            for value in answer.values()
        ],
        "pages": {page.number: _page_data(page) for page in view.pages if page.picture},
    }


def _page_data(page: PageView) -> dict[str, Any]:
    return {"w": page.width, "h": page.height, "turn": page.turn, "lines": list(map(_line_data, page.lines))}


def _line_data(line: Iterable[PlacedWord]) -> list[Any]:
    """Left, top, right, bottom and text of each word."""
    flat: list[Any] = []
    for word in line:
        box = word.box
        flat += [round(side * UNITS_A_POINT) for side in (box.x0, box.y0, box.x1, box.y1)]
        flat.append(word.text)
    return flat


def queue_data(queue: Queue, output: str) -> dict[str, Any]:
    """The queue as the browser keeps it: id, page and expected error of each value."""
    return {
        "output": output,
        "queue": [[one.value.id, f"d/{one.shown.key}.html", round(one.value.error, 4)] for one in queue.items],
        "rest": queue.rest,
        "rest_error": round(queue.rest_error, 3),
    }


def to_json(data: dict[str, Any]) -> str:
    """JSON that cannot end the element that it stands in, whatever documents say."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
