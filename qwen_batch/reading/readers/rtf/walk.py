"""Walks the groups of an RTF file and writes its blocks: paragraphs, items, tables, notes, text boxes.

Takes what a program of today shows: of pictures and texts that are there twice, for old programs too, the new one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from xml.etree.ElementTree import Element as Node

from qwen_batch.reading.parts.inline.formulas import formula_to_text
from qwen_batch.reading.parts.inline.symbols import symbols_to_text
from qwen_batch.reading.parts.marks import Run
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.writer import EXPLICIT_BREAK, RENDERED_BREAK, PageWriter
from qwen_batch.reading.readers.rtf.charsets import DEFAULT, OF_FILE, Font, page_encoding, raw_encoding
from qwen_batch.reading.readers.rtf.destinations import Destinations
from qwen_batch.reading.readers.rtf.state import State
from qwen_batch.reading.readers.rtf.story import NoteNumbers, Section, Story
from qwen_batch.reading.readers.rtf.table import CellShape, Tables
from qwen_batch.reading.readers.rtf.tokens import Token, tokens

MAGIC = b"{\\rtf"
MAX_DEPTH = 5000
BULLETS = frozenset("•·▪■●○◦‣⁃➢❖-–—*oo§")
CHARACTERS = {
    **{"tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“"},
    **{"rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "page": EXPLICIT_BREAK},
    **{"zwj": "\u200d", "zwnj": "\u200c"},
}
SYMBOLS = {"~": " ", "_": "-", "{": "{", "}": "}", "\\": "\\"}
"""Control symbols that are characters; `\\-`, a place to part a word, is none."""


def rtf_to_writer(source: bytes, writer: PageWriter) -> RtfWalk:
    """Writes the blocks of an RTF file; the walk knows its headers and pictures then. Raises Unreadable."""
    walk = RtfWalk(writer, source)
    for token in tokens(source):
        walk.take(token)
    walk.finish()
    return walk


class RtfWalk:
    """Follows the tokens; `stories` are the texts that are open, the body first."""

    def __init__(self, writer: PageWriter, source: bytes) -> None:
        self.writer = writer
        self.state = State()
        self.stories = [Story()]
        self.notes = NoteNumbers()
        self.after: list[Callable[[], None]] = []
        self.sections = [Section()]
        self.pictures: dict[str, bytes] = {}
        self.encoding = DEFAULT
        self.fonts: dict[int | None, Font] = {}
        self.default_font: int | None = None
        self.collected = ""
        self._raw = raw_encoding(source)
        self._stack: list[State] = []
        self._destinations = Destinations(self)
        self._tables = Tables()
        self._shape = CellShape()
        self._bytes = bytearray()
        self._is_raw = False
        self._to_skip = 0
        self._starred = False
        self._high = 0
        self._hidden: list[str] = []
        self._deleted: list[str] = []
        self._section_waits = False

    # --- Tokens ---

    def take(self, token: Token) -> None:
        """Goes on over one token."""
        if token.kind in {"text", "hex"}:
            self._data(token)
            return
        if token.kind == "symbol" and token.name == "*":
            self._starred = True
            return
        self.flush()
        if token.kind == "open":
            self._open()
        elif token.kind == "close":
            self._close()
        elif self._to_skip:
            self._to_skip -= 1
        elif token.kind == "symbol":
            self._symbol(token.name)
        else:
            self._word(token.name, token.number)
        self._starred = self._starred and token.kind == "open"

    def finish(self) -> None:
        """Ends the groups that a file which is cut off leaves open, and the last paragraph."""
        self.flush()
        while self._stack:
            self._close()
        self.state = State()
        if self.stories[0].runs or self._hidden or self._deleted or self.after:
            self.end_paragraph()
        self._write_tables()

    def _open(self) -> None:
        self._to_skip = 0
        if len(self._stack) >= MAX_DEPTH:
            raise Unreadable("damaged", "Its groups are nested too deeply: open it and save it as .docx.")
        self._stack.append(self.state)
        self.state = copy.copy(self.state)
        self.state.on_close = None

    def _close(self) -> None:
        self._to_skip = 0
        if self.state.on_close is not None:
            self.state.on_close()
        if self._stack:
            self.state = self._stack.pop()

    def _data(self, token: Token) -> None:
        data = token.data
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        if not data or self.state.place in {"skip", "instruction", "shape", "alternatives"}:
            return
        if self.state.place == "picture":
            self._destinations.picture_data(data)
            return
        is_raw = token.kind == "text" and not data.isascii()
        if self._bytes and is_raw != self._is_raw and is_raw:
            self.flush()
        self._is_raw = is_raw or (self._is_raw and bool(self._bytes))
        self._bytes += data

    def flush(self) -> None:
        """Decodes the bytes that are waiting, in the encoding of their font."""
        if not self._bytes:
            return
        font = self.fonts.get(self.state.font)
        data, self._bytes = bytes(self._bytes), bytearray()
        if font is not None and font.symbols:
            self.text(symbols_to_text(data.decode("latin-1"), font.symbols))
            return
        encoding = self._raw if self._is_raw and self._raw else (font.encoding if font else None) or self.encoding
        self.text(data.decode(encoding, "replace"))

    def text(self, text: str) -> None:
        """Text in the place where the group puts it."""
        place = self.state.place
        if place == "collect" or place == "fonts" or place == "styles":  # noqa: PLR1714 - mypy narrows these
            self.collected += text
        elif place == "math":
            self.state.node.text = (self.state.node.text or "") + text
        elif place == "text":
            self._shown(text)

    def _shown(self, text: str) -> None:
        if self.state.deleted:
            self._deleted.append(text)
        elif self.state.hidden:
            self._hidden.append(text)
        else:
            if self._section_waits and len(self.stories) == 1 and text.strip():
                self._section_waits = False
                self._write_tables()
                self.writer.break_page()
            self.stories[-1].runs.append(Run(text, self.state.height, self.state.struck))

    # --- Control words ---

    def _symbol(self, name: str) -> None:
        if name in "\r\n":
            self._word("par", None)
        elif name in SYMBOLS:
            self.text(SYMBOLS[name])

    def _word(self, word: str, number: int | None) -> None:
        starred, self._starred = self._starred, False
        if self._destinations.enter(word, number, starred=starred):
            return
        if word == "u" and number is not None:
            self._unicode(number)
        elif word == "uc":
            self.state.skip_bytes = max(number or 0, 0)
        elif self.state.place == "skip" or self._file_word(word, number):
            return
        elif word in CHARACTERS:
            self.text(CHARACTERS[word])
        elif self.state.place == "text" and not self.state.look(word, number):
            self._body_word(word, number)
        elif self.state.place == "math":
            self.state.look(word, number)

    def _unicode(self, number: int) -> None:
        code = number & 0xFFFF
        self._to_skip = self.state.skip_bytes
        if 0xD800 <= code < 0xDC00:
            self._high = code
            return
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((self._high - 0xD800) << 10) + (code - 0xDC00) if self._high else 0xFFFD
        self._high = 0
        font = self.fonts.get(self.state.font)
        self.text(symbols_to_text(chr(code), font.symbols if font else None))

    def _file_word(self, word: str, number: int | None) -> bool:
        if word in OF_FILE:
            self.encoding = OF_FILE[word]
        elif word == "ansicpg":
            self.encoding = page_encoding(number) or self.encoding
        elif word == "deff":
            self.default_font = self.state.font = number
        elif word == "f" and self.state.place == "text":
            self.state.font = number
        else:
            return self.notes.word(word, number)
        return True

    def _body_word(self, word: str, number: int | None) -> None:
        act = _BODY_WORDS.get(word)
        if act is not None:
            act(self, number)
        elif word in {"s", "cs", "ds"}:
            for name, value in self._destinations.style(word, number):
                self.state.look(name, value)

    def end_paragraph(self, *, nesting: int | None = None) -> None:
        """Ends the paragraph at hand; `nesting` says in which table's cell it stands, None for what the state says."""
        story = self.stories[-1]
        if len(self.stories) > 1:
            story.paragraphs.append(f"{story.marker} {story.take()}" if story.marker else story.take())
            story.marker = ""
            return
        text, marker = story.take(), " ".join(story.marker.split())
        story.marker = ""
        depth = (max(self.state.nesting, 1) if self.state.in_table else 0) if nesting is None else nesting
        if depth:
            self._tables.paragraph(f"{marker} {text}" if marker and text.strip() else text, depth)
        else:
            self._write_tables()
            self._write(text, marker)
        self._aside()

    def _write(self, text: str, marker: str) -> None:
        text = (RENDERED_BREAK if self.state.breaks_page else "") + text
        if self.state.outline is not None:
            self.writer.heading(f"{marker} {text}" if marker else text, self.state.outline + 1)
        elif marker:
            self.writer.item(text, "-" if marker in BULLETS else marker, self.state.level)
        else:
            self.writer.paragraph(text)

    def _aside(self) -> None:
        """What is not in the paragraph's text: hidden words, then, outside of tables, its notes and boxes."""
        self.writer.hide("run", "".join(self._hidden))
        self.writer.hide("deleted", "".join(self._deleted))
        self._hidden, self._deleted = [], []
        if self._tables.is_empty:
            after, self.after = self.after, []
            for write in after:
                write()

    def _write_tables(self) -> None:
        if not self._tables.is_empty:
            self._tables.write(self.writer)
            self._aside()

    def par(self, _: int | None) -> None:
        """The end of a paragraph; one that is deleted or hidden joins it with the next."""
        if self.state.deleted or self.state.hidden:
            runs = self.stories[-1].runs
            if runs and runs[-1].text[-1:].isalnum():
                runs.append(Run(" "))
            return
        self.end_paragraph()

    def cell(self, _: int | None) -> None:
        """The end of a cell."""
        if len(self.stories) > 1:
            self.stories[-1].runs.append(Run("  "))
            return
        self.end_paragraph(nesting=1)
        self._tables.end_cell(1)

    def nested_cell(self, _: int | None) -> None:
        """The end of a cell of a table within a table."""
        depth = max(self.state.nesting, 2)
        self.end_paragraph(nesting=depth)
        self._tables.end_cell(depth)

    def row(self, _: int | None) -> None:
        """The end of a row."""
        if len(self.stories) > 1:
            self.end_paragraph()
            return
        for text in self._tables.end_row(1):
            self.writer.hide("deleted", text)

    def nested_row(self, _: int | None) -> None:
        """The end of a row of a table within a table; its definition is not looked at."""
        shapes, self._tables.shapes = self._tables.shapes, []
        self._tables.end_row(max(self.state.nesting, 2))
        self._tables.shapes = shapes

    def section(self, _: int | None) -> None:
        """The end of a section; the next one begins a page unless it says otherwise."""
        if self.stories[0].runs:
            self.end_paragraph()
        self.sections.append(Section(dict(self.sections[-1].strips), self.sections[-1].first))
        self.writer.section += 1
        self._section_waits = True

    def _define_row(self, _: int | None) -> None:
        self._tables.shapes, self._shape = [], CellShape()

    def _define_cell(self, _: int | None) -> None:
        self._tables.shapes.append(self._shape)
        self._shape = CellShape()

    def _merged(self, _: int | None) -> None:
        self._shape.merged = True

    def _deleted_cell(self, _: int | None) -> None:
        self._shape.deleted = True

    def _continuous(self, _: int | None) -> None:
        self._section_waits = False


_BODY_WORDS: dict[str, Callable[[RtfWalk, int | None], None]] = {
    "par": RtfWalk.par,
    "cell": RtfWalk.cell,
    "nestcell": RtfWalk.nested_cell,
    "row": RtfWalk.row,
    "nestrow": RtfWalk.nested_row,
    "sect": RtfWalk.section,
    "trowd": RtfWalk._define_row,  # noqa: SLF001
    "cellx": RtfWalk._define_cell,  # noqa: SLF001
    "clmrg": RtfWalk._merged,  # noqa: SLF001
    "clvmrg": RtfWalk._merged,  # noqa: SLF001
    "cldel": RtfWalk._deleted_cell,  # noqa: SLF001
    "sbknone": RtfWalk._continuous,  # noqa: SLF001
    "plain": lambda walk, _: walk.state.plain(walk.default_font),
    "pard": lambda walk, _: walk.state.paragraph(),
    "intbl": lambda walk, _: setattr(walk.state, "in_table", True),
    "itap": lambda walk, number: (
        setattr(walk.state, "nesting", number or 0) or setattr(walk.state, "in_table", bool(number))
    ),
    "ilvl": lambda walk, number: setattr(walk.state, "level", min(max(number or 0, 0), 8)),
    "pagebb": lambda walk, number: setattr(walk.state, "breaks_page", number != 0),
    "titlepg": lambda walk, _: setattr(walk.sections[-1], "first", True),
    "chftn": lambda walk, _: setattr(walk.stories[-1], "numbered", True),
    "ftnalt": lambda walk, _: setattr(walk.stories[-1], "is_endnote", True),
}
