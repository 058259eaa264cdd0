"""A document's pages as the report shows them: picture or text, boxes, words, and what reading left out.

Reads the document again as its run did, from the cache where it is kept. A file that is gone or changed, or cannot be
read, is a note on the page and no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qwen_batch.config import Config
from qwen_batch.errors import QwenBatchError
from qwen_batch.outcomes import Failure
from qwen_batch.reading.archive.named import archive_named
from qwen_batch.reading.document_to_text import ReadText, ReadTools, document_to_text, make_tools
from qwen_batch.reading.isolate.isolator import Crash
from qwen_batch.reading.originals import ChangedError, is_unchanged, local_file
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.records import Box, Document, HiddenText, Page, Trimmed
from qwen_batch.report.content import ACCEPTED, Citation, Shown
from qwen_batch.report.marked import Passage, marked, page_spans
from qwen_batch.report.pictures import PAGE_DPI, THUMBNAIL_DPI, Budget, Picture, Wanted, page_picture, page_words
from qwen_batch.report.turning import Turn

GONE = "The file is not where it was."
CHANGED = "The file has changed since it was answered."
NO_PAGES = "Its pages cannot be shown."
AS_READ = "What stands here is what the run read."
NO_WORDS_OF = frozenset({"covered"})
"""Hidden text whose words are not repeated: somebody may have meant to take them out."""


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word on the page as it is shown."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Placed:
    """A box on the page as it is shown, with the citations that it belongs to."""

    citations: tuple[Citation, ...]
    box: Box

    @property
    def status(self) -> str:
        """Accepted, if one of them is."""
        return min((one.status for one in self.citations), key=lambda status: status != ACCEPTED)


@dataclass(frozen=True, slots=True)
class PageView:
    """A cited page. `width` and `height` are in points as it is shown, turned clockwise by `turn` degrees.

    It has a `picture`, or `passages` of its text where there is none.
    """

    number: int
    width: float
    height: float
    turn: int = 0
    picture: Picture | None = None
    boxes: tuple[Placed, ...] = ()
    lines: tuple[tuple[PlacedWord, ...], ...] = ()
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a page's reader is shown of its hidden text: how many pieces of a kind, and the words that may be shown."""

    page: int
    kind: str
    count: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """All that is shown of a document beside its answers; `note` says what could not be shown, and why."""

    pages: tuple[PageView, ...] = ()
    note: str = ""
    page_count: int = 0
    uncited: tuple[int, ...] = ()
    trimmed: tuple[Trimmed, ...] = ()
    hidden: tuple[LeftOut, ...] = ()


@dataclass(slots=True)
class Viewer:
    """Makes views of documents one after the other; `config_of` has the settings of a run by its id."""

    config_of: Callable[[str], Config]
    budget: Budget
    _tools: dict[Config, ReadTools] = field(default_factory=dict)

    def close(self) -> None:
        """Ends the child processes."""
        for tools in self._tools.values():
            tools.isolator.close()

    def view(self, shown: Shown) -> DocumentView:
        """A document's pages; whatever goes wrong is a note."""
        if not shown.answers:
            return DocumentView()
        cited = sorted({one.page for one in shown.placed() if one.page is not None})
        try:
            return self._view(shown, cited)
        except Exception as error:  # noqa: BLE001  one document must not end the report
            return _without_pages(shown, cited, f"The pages cannot be shown ({type(error).__name__}: {error}).")

    def _view(self, shown: Shown, cited: Sequence[int]) -> DocumentView:
        newest = max(shown.answers, key=lambda one: one.processed_at)
        tools = self._tools_of(self.config_of(newest.run_id))
        archive = archive_named(shown.source_uri)
        document = Document(
            shown.doc_id, shown.source_uri, newest.mime, newest.size_bytes, str(archive) if archive else ""
        )
        read = _read(document, tools)
        path = _file_of(document, tools)
        note = path if isinstance(path, str) else ""
        if isinstance(read, str):
            for _ in cited:
                self.budget.done()
            return _without_pages(shown, cited, f"{note} {NO_PAGES}" if note else read)
        pages = {page.number: page for page in read.pages}
        there = path if isinstance(path, Path) else None
        words = _words(there, read, [number for number in cited if number in pages], tools)
        spans = page_spans(read.clean)
        views = []
        for number in cited:
            page = pages.get(number)
            if page is None:
                self.budget.done()
                continue
            own = [one for one in shown.placed() if one.page == number]
            picture = self._picture(there, read.document.mime, page, tools)
            passages = () if picture else marked(read.clean.text, spans.get(number, ()), own)
            views.append(page_to_view(page, own, picture, words.get(number, ()), passages))
        return DocumentView(
            pages=tuple(views),
            note=f"{note} {AS_READ}" if note else "",
            page_count=len(pages),
            uncited=tuple(number for number in sorted(pages) if number not in cited),
            trimmed=read.clean.trimmed,
            hidden=tuple(left_out(read.pages)),
        )

    def _tools_of(self, config: Config) -> ReadTools:
        if config not in self._tools:
            self._tools[config] = make_tools(config)
        return self._tools[config]

    def _picture(self, path: Path | None, mime: str, page: Page, tools: ReadTools) -> Picture | None:
        try:
            if path is None or not page.width:
                return None
            for dpi in (PAGE_DPI, THUMBNAIL_DPI):
                if dpi == PAGE_DPI and not self.budget.wants_whole:
                    continue
                wanted = Wanted(path, mime, page.number, page.rotation, dpi)
                picture = tools.isolator.call(page_picture, wanted, tools.config.read)
                if isinstance(picture, Crash):
                    return None
                if self.budget.takes(picture):
                    return picture
        except (Unreadable, OSError):
            return None
        else:
            return None
        finally:
            self.budget.done()


def page_to_view(
    page: Page,
    citations: Sequence[Citation],
    picture: Picture | None,
    lines: Sequence[Sequence[PlacedWord]],
    passages: tuple[Passage, ...] = (),
) -> PageView:
    """A page with the boxes of its citations, turned so that its words stand upright."""
    turn = Turn(page.width, page.height, page.rotation)
    width, height = turn.size
    boxes: dict[Box, list[Citation]] = {}
    for one in citations:
        for box in one.boxes:
            boxes.setdefault(turn.box(box), []).append(one)
    # The largest first, so that a box within another one is not covered by it.
    placed = tuple(Placed(tuple(boxes[box]), box) for box in sorted(boxes, key=_area, reverse=True))
    turned = tuple(tuple(PlacedWord(word.text, turn.box(word.box)) for word in line) for line in lines)
    return PageView(page.number, width, height, page.rotation, picture, placed, turned if picture else (), passages)


def _without_pages(shown: Shown, cited: Sequence[int], note: str) -> DocumentView:
    count = max(one.pages for one in shown.answers)
    uncited = tuple(number for number in range(1, count + 1) if number not in cited)
    return DocumentView(note=note, page_count=count, uncited=uncited)


def _area(box: Box) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)


def left_out(pages: Sequence[Page]) -> Iterator[LeftOut]:
    """Hidden text by page and kind; words that someone may have meant to take out are only counted."""
    for page in pages:
        for kind, count in sorted(Counter(piece.kind for piece in page.hidden).items()):
            yield LeftOut(page.number, kind, count, _texts(page.hidden, kind))


def _texts(hidden: Sequence[HiddenText], kind: str) -> tuple[str, ...]:
    if kind in NO_WORDS_OF:
        return ()
    return tuple(piece.text for piece in hidden if piece.kind == kind and piece.text.strip())


def _read(document: Document, tools: ReadTools) -> ReadText | str:
    """The document as its run read it, or why it cannot be."""
    try:
        read = document_to_text(document, tools)
    except QwenBatchError as error:
        return f"The document cannot be read again: {error.message}"
    return f"The document cannot be read again: {read.message}" if isinstance(read, Failure) else read


def _file_of(document: Document, tools: ReadTools) -> Path | str:
    """The file with the bytes that were answered, or the note that says why there is none."""
    try:
        path = local_file(document, tools.config.read, tools.isolator)
        if not path.exists():
            return GONE
        return path if is_unchanged(document, path) else CHANGED
    except ChangedError:
        return CHANGED
    except (Unreadable, OSError, QwenBatchError):
        return GONE


def _words(
    path: Path | None, read: ReadText, cited: Sequence[int], tools: ReadTools
) -> Mapping[int, Sequence[Sequence[PlacedWord]]]:
    """The words of cited pages line by line: those that reading has, else those that the file tells."""
    pages = [page for page in read.pages if page.number in cited]
    found = {
        page.number: [[PlacedWord(word.text, word.box) for word in line.words] for line in page.lines if line.words]
        for page in pages
    }
    wanted = {page.number: [line.box for line in page.lines if line.text] for page in pages if not found[page.number]}
    if path is None or not wanted:
        return found
    try:
        told = tools.isolator.call(page_words, path, read.document.mime, wanted)
    except (Unreadable, OSError):
        return found
    if isinstance(told, Crash):
        return found
    return found | {
        number: [[PlacedWord(word.text, word.box) for word in line] for line in lines if line]
        for number, lines in told.items()
    }
