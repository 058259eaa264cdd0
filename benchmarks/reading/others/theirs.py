"""The other tools' side, run by the python of their own environment: paths in, a line of JSON out for each.

`python theirs.py TOOL`. Knows nothing of this project. Says {"ready": seconds} when the tool is imported, then
{"seconds", "text"} or {"seconds", "error"} for every path. What tools print goes to stderr.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any


def markitdown() -> Callable[[str], str]:
    """Markdown as `MarkItDown.convert` gives it."""
    from markitdown import MarkItDown

    tool = MarkItDown(enable_plugins=False)
    return lambda path: tool.convert(path).text_content


def docling() -> Callable[[str], str]:
    """Markdown of every document that a file holds, without escapes."""
    from docling.document_converter import DocumentConverter

    tool = DocumentConverter()

    def read(path: str) -> str:
        results = tool.convert_all([path], raises_on_error=True)
        return "\n".join(
            result.document.export_to_markdown(escape_html=False, escape_underscores=False) for result in results
        )

    return read


def unstructured() -> Callable[[str], str]:
    """The text of all elements, a table's rows as lines."""
    from unstructured.partition.auto import partition

    return lambda path: "\n".join(_element_text(element) for element in partition(path, strategy="fast"))


def _element_text(element: Any) -> str:
    html = getattr(element.metadata, "text_as_html", None)
    if not html:
        return element.text
    from lxml.html import fromstring

    rows = fromstring(html).iter("tr")
    return "\n".join("| " + " | ".join(cell.text_content() for cell in row) + " |" for row in rows)


TOOLS = {"markitdown": markitdown, "docling": docling, "unstructured": unstructured}


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError("longer than the benchmark waits")


def main() -> None:
    """Reads paths from stdin until it ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    signal.signal(signal.SIGALRM, _too_long)
    tool, limit_s = sys.argv[1], int(sys.argv[2])
    started = time.perf_counter()
    read = TOOLS[tool]()
    print(json.dumps({"ready": time.perf_counter() - started}), file=out, flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        signal.alarm(limit_s)
        try:
            answer = {"text": read(json.loads(line))}
        except Exception as error:  # noqa: BLE001  whatever a tool raises is its outcome
            answer = {"error": re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")}
        finally:
            signal.alarm(0)
        print(json.dumps(answer | {"seconds": time.perf_counter() - started}), file=out, flush=True)


if __name__ == "__main__":
    main()
