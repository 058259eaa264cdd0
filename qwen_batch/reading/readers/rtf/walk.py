"""Walks the groups of an RTF file: which text is shown, in which encoding, and where it goes.

Takes what a program of today shows: of pictures and texts that are there twice, for old programs too, the new one.
"""

from __future__ import annotations

import copy

from qwen_batch.reading.parts.inline.symbols import symbols_to_text
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.writer import EXPLICIT_BREAK, PageWriter
from qwen_batch.reading.readers.rtf.charsets import DEFAULT, OF_FILE, page_encoding, raw_encoding
from qwen_batch.reading.readers.rtf.destinations import Destinations
from qwen_batch.reading.readers.rtf.reading import Reading
from qwen_batch.reading.readers.rtf.state import State
from qwen_batch.reading.readers.rtf.tokens import Token, tokens

MAGIC = b"{\\rtf"
MAX_DEPTH = 5000
CHARACTERS = {
    "tab": "\t",
    "line": "\n",
    "page": EXPLICIT_BREAK,
    "emdash": "\u2014",
    "endash": "\u2013",
    "lquote": "\u2018",
    "rquote": "\u2019",
    "ldblquote": "\u201c",
    "rdblquote": "\u201d",
    "bullet": "\u2022",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "zwj": "\u200d",
    "zwnj": "\u200c",
}
SYMBOLS = {"~": " ", "_": "-", "{": "{", "}": "}", "\\": "\\"}
"""Control symbols that are characters; `\\-`, a place to part a word, is none."""
SILENT = frozenset(("skip", "shape", "alternatives", "form"))
"""Places whose text is not shown."""
HIGH_SURROGATES, LOW_SURROGATES = range(0xD800, 0xDC00), range(0xDC00, 0xE000)


def rtf_to_writer(source: bytes, writer: PageWriter) -> RtfWalk:
    """Writes the blocks of an RTF file; the walk knows its headers and pictures then. Raises Unreadable."""
    walk = RtfWalk(writer, source)
    for token in tokens(source):
        walk.take(token)
    walk.finish()
    return walk


class RtfWalk(Reading):
    """Follows the tokens."""

    def __init__(self, writer: PageWriter, source: bytes) -> None:
        super().__init__(writer)
        self._destinations = Destinations(self)
        self._encoding = DEFAULT
        self._raw = raw_encoding(source)
        self._stack: list[State] = []
        self._bytes = bytearray()
        self._is_raw = False
        self._to_skip = 0
        self._starred = False
        self._high = 0

    def take(self, token: Token) -> None:
        """Goes on over one token."""
        if token.kind == "binary":
            if self.state.place == "picture":
                self._destinations.picture_data(token.data.hex().encode("ascii"))
            return
        if token.kind in {"text", "hex"}:
            self._data(token)
            return
        if token.kind == "symbol" and token.name == "*":
            self._starred = True
            return
        self._flush()
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
        self._starred = False

    def finish(self) -> None:
        """Ends the groups that a file which is cut off leaves open, and the last paragraph."""
        self._flush()
        while self._stack:
            self._close()
        self.blocks.finish()

    def _open(self) -> None:
        self._to_skip = 0
        if len(self._stack) >= MAX_DEPTH:
            raise Unreadable("damaged", "Its groups are nested too deeply: open it and save it as .docx.")
        self._stack.append(self.state)
        self.state = copy.copy(self.state)
        self.state.on_close = None

    def _close(self) -> None:
        self._to_skip = 0
        end, self.state.on_close = self.state.on_close, None  # braces that close nothing end nothing twice
        if end is not None:
            end()
        if self._stack:
            self.state = self._stack.pop()

    def _data(self, token: Token) -> None:
        data = token.data
        self._starred = False
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        if not data or self.state.place in SILENT:
            return
        if self.state.place == "picture":
            self._destinations.picture_data(data)
            return
        if self._raw and token.kind == "text" and not data.isascii():
            self._flush()
            self._is_raw = True
        self._bytes += data

    def _flush(self) -> None:
        """Decodes the bytes that are waiting, in the encoding of their font."""
        if not self._bytes:
            return
        font = self.defined.fonts.get(self.state.font)
        data, self._bytes = bytes(self._bytes), bytearray()
        is_raw, self._is_raw = self._is_raw, False
        if font is not None and font.symbols:
            self.text(symbols_to_text(data.decode("latin-1"), font.symbols))
            return
        encoding = self._raw if is_raw else font.encoding if font else None
        self.text(data.decode(encoding or self._encoding, "replace"))

    def _symbol(self, name: str) -> None:
        if name in "\r\n":
            self._word("par", None)
        elif name in SYMBOLS:
            self.text(SYMBOLS[name])

    def _word(self, word: str, number: int | None) -> None:
        if self._destinations.enter(word, number, starred=self._starred):
            return
        if word == "u" and number is not None:
            self._unicode(number)
        elif word == "uc":
            self.state.skip_bytes = max(number or 0, 0)
        elif self.state.place == "skip" or self._file_word(word, number):
            return
        elif word in CHARACTERS:
            self.text(CHARACTERS[word])
        elif not self.state.look(word, number) and self.state.place == "text":
            self._text_word(word, number)

    def _text_word(self, word: str, number: int | None) -> None:
        if word == "plain":
            self.state.plain(self.default_font)
        elif word == "pard":
            self.state.paragraph()
        elif word in {"s", "cs", "ds"}:
            for name, value in self.defined.style(word, number):
                self.state.look(name, value)
        else:
            self.blocks.word(word, number, self.state)

    def _unicode(self, number: int) -> None:
        code = number & 0xFFFF
        self._to_skip = self.state.skip_bytes
        if code in HIGH_SURROGATES:
            self._high = code
            return
        if code in LOW_SURROGATES:
            high = self._high - HIGH_SURROGATES.start
            code = 0x10000 + (high << 10) + code - LOW_SURROGATES.start if high >= 0 else 0xFFFD
        self._high = 0
        font = self.defined.fonts.get(self.state.font)
        self.text(symbols_to_text(chr(code), font.symbols if font else None))

    def _file_word(self, word: str, number: int | None) -> bool:
        if word in OF_FILE:
            self._encoding = OF_FILE[word]
        elif word == "ansicpg":
            self._encoding = page_encoding(number) or self._encoding
        elif word == "deff":
            self.default_font = self.state.font = number
        elif word == "f":
            self.state.font = number
        else:
            return self.notes.word(word, number)
        return True
