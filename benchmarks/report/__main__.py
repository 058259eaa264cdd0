"""`python -m benchmarks.report`: the report of real documents, its size, how long it takes, and the first paint.

The answers are those of a fake engine that quotes by patterns (`quoting`). The pages are opened from disk in chromium.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.common import ROOT, SAMPLES, SHARED_DATA
from benchmarks.report.quoting import Asked, answer_folder, contract_terms
from qwen_batch.config_file import load_config
from qwen_batch.report.site import Request, make_report

KINDS = (".pdf", ".txt", ".docx", ".eml", ".html", ".md", ".jpg", ".png", ".tif", ".tiff")
MB = 1_000_000
MAX_FILE_BYTES = 2 * MB
OPENED = 5
"""Times that each page is opened; the slowest counts."""
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def main() -> None:
    """Answers, makes the report and measures it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[SAMPLES, SHARED_DATA], help="where documents lie")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--kinds", nargs="+", default=KINDS, metavar="SUFFIX", help="only these, such as .pdf .txt")
    parser.add_argument("--out", type=Path, required=True, help="a new folder for the output and its report")
    options = parser.parse_args()
    files = list(chosen(options.folders, set(options.kinds), options.documents))
    asked = Asked("contract_terms", ROOT / "jobs", contract_terms)
    answer_folder(list(map(str, files)), options.out, load_config(None, ("engine.kind=null",)), asked)
    began = time.monotonic()
    made = make_report(Request(str(options.out)))
    took = time.monotonic() - began
    folder = made.first_page.parent
    pictures = list((folder / "p").glob("*.webp"))
    print("| | |\n|---|---|")
    print(f"| documents | {made.documents} |")
    print(f"| pictures of pages | {len(pictures)}, {sum(one.stat().st_size for one in pictures) / MB:.1f} MB |")
    print(f"| the whole report | {made.size_bytes / MB:.1f} MB |")
    print(f"| made in | {took:.0f} s |")
    for name, milliseconds in first_paints(folder):
        print(f"| first paint of {name} | {milliseconds:.0f} ms |")


def chosen(folders: list[Path], kinds: set[str], count: int) -> Iterator[Path]:
    """So many documents, the same ones each time, whatever their order on disk."""
    files = [
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.suffix.lower() in kinds and file.is_file() and 0 < file.stat().st_size < MAX_FILE_BYTES
    ]
    yield from sorted(files, key=lambda file: hashlib.sha256(file.read_bytes()).hexdigest())[:count]


def first_paints(folder: Path) -> Iterator[tuple[str, float]]:
    """The slowest first contentful paint of each kind of page, in milliseconds."""
    from playwright.sync_api import sync_playwright

    largest = max((folder / "d").glob("*.html"), key=lambda file: file.stat().st_size)
    pages = ["index.html", "documents.html", "review.html", f"d/{largest.name}"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for path in pages:
            paints = []
            for _ in range(OPENED):
                page = browser.new_context().new_page()
                page.goto(f"file://{folder}/{path}")
                page.wait_for_function(FIRST_PAINT)
                paints.append(page.evaluate(FIRST_PAINT))
                page.context.close()
            yield ("the largest document" if path.startswith("d/") else path), max(paints)
        browser.close()


if __name__ == "__main__":
    main()
