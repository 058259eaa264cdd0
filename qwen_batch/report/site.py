"""Writes the pages of a report into a folder that appears whole; the one before stays until then."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qwen_batch.config import Config
from qwen_batch.errors import OutputError, UsageError
from qwen_batch.output.layout import report_folder
from qwen_batch.report.columns import documents_to_columns
from qwen_batch.report.content import Shown
from qwen_batch.report.data import document_data, queue_data, to_json
from qwen_batch.report.listed import document_facts, document_row, file_link
from qwen_batch.report.overview import (
    confidence_bins,
    failed_codes,
    field_charts,
    match_bars,
    page_bars,
    run_lines,
    tiles_of,
)
from qwen_batch.report.pages import DocumentView, Viewer
from qwen_batch.report.pictures import MB, Budget
from qwen_batch.report.queue import documents_to_queue
from qwen_batch.report.rendering import page_list, render
from qwen_batch.report.source import ReportSource, output_to_source

STATIC = Path(__file__).parent / "static"
FILES = ("report.css", "report.js")
MIN_MB = 20.0
MB_A_DOCUMENT = 0.1
S3_SCHEME = "s3://"


@dataclass(frozen=True, slots=True)
class Request:
    """What a report is made of: `job` and `sample` narrow it, `max_mb` None is as many as the documents ask for."""

    output: str
    folder: Path | None = None
    job: str | None = None
    sample: int | None = None
    max_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was written: `notes` says of how many documents the pages could not be shown."""

    first_page: Path
    documents: int
    size_bytes: int
    notes: int


@dataclass(frozen=True, slots=True)
class _Header:
    """What every page says of the report."""

    key: str
    place: str
    made: str
    jobs: tuple[str, ...]
    left_out: int


def make_report(request: Request, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Made:
    """Writes the report of an output. Raises UsageError and OutputError."""
    folder = report_place(request)
    source = output_to_source(request.output, request.job, request.sample)
    max_mb = request.max_mb or max(MIN_MB, MB_A_DOCUMENT * len(source.documents))
    with _appearing(folder) as new:
        writer = _Writer(source, new, max_mb)
        notes = writer.write(progress)
        size = sum(file.stat().st_size for file in new.rglob("*") if file.is_file())
    return Made(folder / "index.html", len(source.documents), size, notes)


def report_place(request: Request) -> Path:
    """The report's folder. Raises UsageError where it may not be written."""
    if request.folder is None:
        if request.output.startswith(S3_SCHEME):
            raise UsageError(f"{request.output}: a report opens from a disk", "name a local folder with --to")
        return Path(request.output) / report_folder()
    if request.folder.exists() and not _is_report(request.folder):
        raise UsageError(f"{request.folder}: it is there and is no report", "name another folder with --to")
    return request.folder


def _is_report(folder: Path) -> bool:
    return folder.is_dir() and (not any(folder.iterdir()) or all((folder / name).is_file() for name in FILES))


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of the one before when it is whole."""
    new, old = (folder.with_name(f"{folder.name}.{part}") for part in ("new", "old"))
    try:
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        yield new
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"{error.filename or folder}: {error.strerror}", "name another folder with --to") from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


class _Writer:
    """Writes pages, and counts their bytes against the budget."""

    def __init__(self, source: ReportSource, folder: Path, max_mb: float) -> None:
        self._source = source
        self._folder = folder
        pages = sum(len({one.page for one in shown.placed()}) for shown in source.documents)
        self._budget = Budget(round(max_mb * MB), pages)
        self._header = _Header(
            source.key, source.place, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", source.jobs, source.left_out
        )

    def write(self, progress: Callable[[int, int], None]) -> int:
        """All pages; how many documents have a note."""
        for name in FILES:
            self._put(name, (STATIC / name).read_bytes())
        self._write_lists()
        viewer = Viewer(self._config_of, self._budget)
        notes = 0
        try:
            # The least sure first: where the budget ends, it ends at what needs no second look.
            documents = sorted(self._source.documents, key=lambda one: (one.confidence is None, one.confidence))
            for done, shown in enumerate(documents):
                progress(done, len(documents))
                view = viewer.view(shown)
                notes += bool(view.note)
                self._write_document(shown, view)
            progress(len(documents), len(documents))
        finally:
            viewer.close()
        return notes

    def _config_of(self, run_id: str) -> Config:
        """The settings of a run; the default ones of a run of another version."""
        run = self._source.runs.get(run_id)
        try:
            return Config.model_validate(run.config) if run else Config()
        except ValidationError:
            return Config()

    def _write_lists(self) -> None:
        documents, source = self._source.documents, self._source
        calibrated = all(
            self._config_of(run_id).confidence.calibration
            for run_id in {answer.run_id for shown in documents for answer in shown.answers}
        )
        self._page(
            "index",
            "index.html",
            tiles=list(tiles_of(source)),
            failures=failed_codes(documents),
            confidence=confidence_bins(documents),
            calibrated=calibrated,
            matches=match_bars(documents),
            field_charts=list(field_charts(source)),
            pages=page_bars(documents),
            runs=list(run_lines(source)),
        )
        rows = list(map(document_row, documents))
        self._page("documents", "documents.html", rows=rows, states=sorted({row.state for row in rows}))
        columns = documents_to_columns(documents)
        self._page("columns", "columns.html", columns=columns)
        for column in columns:
            self._page("column", f"c/{column.number}.html", root="../", column=column)
        queue = documents_to_queue(documents, calibrated=calibrated)
        self._page("review", "review.html", queue=queue, data=to_json(queue_data(queue, source.place)))

    def _write_document(self, shown: Shown, view: DocumentView) -> None:
        for page in view.pages:
            if page.picture:
                self._put(f"p/{shown.key}-{page.number}.webp", page.picture.data, counted=True)
        self._page(
            "document",
            f"d/{shown.key}.html",
            root="../",
            shown=shown,
            view=view,
            facts=document_facts(shown),
            link=file_link(shown.source_uri),
            uncited=page_list(view.uncited),
            data=to_json(document_data(shown, view, self._source.place)),
        )

    def _page(self, name: str, path: str, root: str = "", **content: Any) -> None:
        self._put(path, render(name, page=name, root=root, report=self._header, **content).encode("utf-8", "replace"))

    def _put(self, path: str, data: bytes, *, counted: bool = False) -> None:
        file = self._folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        if not counted:
            self._budget.spend(len(data))
