"""Writes the blocks of an RTF file: ends paragraphs, cells, rows and sections, and what hangs on them.

Knows no tokens and no destinations; `state` is that of the group at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from qwen_batch.reading.parts.marks import Run
from qwen_batch.reading.parts.writer import RENDERED_BREAK, PageWriter
from qwen_batch.reading.readers.rtf.state import State
from qwen_batch.reading.readers.rtf.story import Section, Story
from qwen_batch.reading.readers.rtf.table import CellShape, Tables
from qwen_batch.records import HiddenKind

BULLETS = frozenset("•·▪■●○◦‣⁃➢❖-–—*o§")
MAX_LEVEL = 8


class Blocks:
    """Where text goes; `stories` are the texts that are open, the body first."""

    def __init__(self, writer: PageWriter) -> None:
        self.writer = writer
        self.stories = [Story()]
        self._texts: list[str] = []
        self._pictures: list[str] = []
        self.sections = [Section()]
        self._tables = Tables()
        self._shape = CellShape()
        self._hidden: list[str] = []
        self._deleted: list[str] = []
        self._faint: list[tuple[HiddenKind, str]] = []
        self._section_waits = False

    def text(self, text: str, state: State, unseen: HiddenKind | None = None) -> None:
        """Text in the look of a group; `unseen` is why nobody sees it in the body, such as white letters."""
        if state.deleted:
            self._deleted.append(text)
        elif state.hidden:
            self._hidden.append(text)
        elif unseen is not None and len(self.stories) == 1:
            self._faint.append((unseen, text))
        else:
            if self._section_waits and len(self.stories) == 1 and text.strip():
                self._section_waits = False
                self._write_tables()
                self.writer.break_page()
            self.stories[-1].runs.append(Run(text, state.height, state.struck))

    def follow(self, *texts: str, picture: str | None = None) -> None:
        """Paragraphs, or a picture, that follow the block at hand."""
        self._texts += texts
        self._pictures += [picture] if picture is not None else []

    def word(self, word: str, number: int | None, state: State) -> bool:
        """Takes a control word that ends or defines a block; False if it is none."""
        act = _WORDS.get(word)
        if act is not None:
            act(self, state)
        elif word == "itap":
            state.nesting, state.in_table = number or 0, bool(number)
        elif word == "ilvl":
            state.level = min(max(number or 0, 0), MAX_LEVEL)
        elif word == "pagebb":
            state.breaks_page = number != 0
        return act is not None

    def finish(self) -> None:
        """Ends the last paragraph and the last table."""
        if self.stories[0].runs or self._hidden or self._faint or self._deleted or self._texts or self._pictures:
            self._end_paragraph(State())
        self._write_tables()

    # --- Paragraphs ---

    def _end_paragraph(self, state: State, *, nesting: int | None = None) -> None:
        """Ends the paragraph at hand; `nesting` says in which table's cell it stands, None for what the state says."""
        story = self.stories[-1]
        if len(self.stories) > 1:
            story.end_paragraph()
            return
        text, marker = story.take(), " ".join(story.marker.split())
        story.marker = ""
        depth = (max(state.nesting, 1) if state.in_table else 0) if nesting is None else nesting
        if depth:
            self._tables.paragraph(f"{marker} {text}" if marker and text.strip() else text, depth)
        else:
            self._write_tables()
            self._write(text, marker, state)
        self._aside()

    def _write(self, text: str, marker: str, state: State) -> None:
        text = (RENDERED_BREAK if state.breaks_page else "") + text
        if state.outline is not None:
            self.writer.heading(f"{marker} {text}" if marker else text, state.outline + 1)
        elif marker:
            self.writer.item(text, "-" if marker in BULLETS else marker, state.level)
        else:
            self.writer.paragraph(text)

    def _aside(self) -> None:
        """What is not in the paragraph's text: hidden words, then, outside of tables, its notes and boxes."""
        self.writer.hide("run", "".join(self._hidden))
        self.writer.hide("deleted", "".join(self._deleted))
        for kind, pieces in groupby(self._faint, key=lambda piece: piece[0]):
            self.writer.hide(kind, "".join(text for _, text in pieces))
        self._hidden, self._deleted, self._faint = [], [], []
        if self._tables.is_empty:
            for text in self._texts:
                self.writer.paragraph(text)
            for name in self._pictures:
                self.writer.picture(name)
            self._texts, self._pictures = [], []

    def _write_tables(self) -> None:
        if not self._tables.is_empty:
            self._tables.write(self.writer)
            self._aside()

    def _par(self, state: State) -> None:
        """The end of a paragraph; one that is deleted or hidden joins it with the next."""
        if state.deleted or state.hidden:
            runs = self.stories[-1].runs
            if runs and runs[-1].text[-1:].isalnum():
                runs.append(Run(" "))
            return
        self._end_paragraph(state)

    # --- Tables ---

    def _cell(self, state: State) -> None:
        if len(self.stories) > 1:
            self.stories[-1].runs.append(Run("  "))
            return
        self._end_paragraph(state, nesting=1)
        self._tables.end_cell(1)

    def _nested_cell(self, state: State) -> None:
        depth = max(state.nesting, 2)
        self._end_paragraph(state, nesting=depth)
        self._tables.end_cell(depth)

    def _row(self, state: State) -> None:
        if len(self.stories) > 1:
            self._end_paragraph(state)
            return
        for text in self._tables.end_row(1):
            self.writer.hide("deleted", text)

    def _nested_row(self, state: State) -> None:
        """The end of a row of a table within a table; its definition is not looked at."""
        shapes, self._tables.shapes = self._tables.shapes, []
        self._tables.end_row(max(state.nesting, 2))
        self._tables.shapes = shapes

    def _define_row(self, _: State) -> None:
        self._tables.shapes, self._shape = [], CellShape()

    def _define_cell(self, _: State) -> None:
        self._tables.shapes.append(self._shape)
        self._shape = CellShape()

    def _merged(self, _: State) -> None:
        self._shape.merged = True

    def _deleted_cell(self, _: State) -> None:
        self._shape.deleted = True

    # --- Sections ---

    def _section(self, state: State) -> None:
        """The end of a section; the next one begins a page unless it says otherwise."""
        if self.stories[0].runs:
            self._end_paragraph(state)
        self.sections.append(Section(dict(self.sections[-1].strips), self.sections[-1].first))
        self.writer.section += 1
        self._section_waits = True

    def _continuous(self, _: State) -> None:
        self._section_waits = False

    def _own_first_page(self, _: State) -> None:
        self.sections[-1].first = True

    def _numbered(self, _: State) -> None:
        self.stories[-1].numbered = True

    def _endnote(self, _: State) -> None:
        self.stories[-1].is_endnote = True

    def _in_table(self, state: State) -> None:
        state.in_table = True


_WORDS: dict[str, Callable[[Blocks, State], None]] = {
    "par": Blocks._par,  # noqa: SLF001
    "cell": Blocks._cell,  # noqa: SLF001
    "nestcell": Blocks._nested_cell,  # noqa: SLF001
    "row": Blocks._row,  # noqa: SLF001
    "nestrow": Blocks._nested_row,  # noqa: SLF001
    "sect": Blocks._section,  # noqa: SLF001
    "trowd": Blocks._define_row,  # noqa: SLF001
    "cellx": Blocks._define_cell,  # noqa: SLF001
    "clmrg": Blocks._merged,  # noqa: SLF001
    "clvmrg": Blocks._merged,  # noqa: SLF001
    "cldel": Blocks._deleted_cell,  # noqa: SLF001
    "sbknone": Blocks._continuous,  # noqa: SLF001
    "titlepg": Blocks._own_first_page,  # noqa: SLF001
    "chftn": Blocks._numbered,  # noqa: SLF001
    "ftnalt": Blocks._endnote,  # noqa: SLF001
    "intbl": Blocks._in_table,  # noqa: SLF001
}
