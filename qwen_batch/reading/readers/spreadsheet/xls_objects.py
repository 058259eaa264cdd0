"""What lies over the cells of an xls file, by the records of [MS-XLS]: text boxes, check boxes, heads and feet.

Pictures and charts are counted, so that a warning can name them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from qwen_batch.reading.readers.spreadsheet.xlsx_parts import TICKS, printed_words

BOF, EOF, CONTINUE, HEADER, FOOTER, OBJECT, NAME, TEXT = 0x809, 0x0A, 0x3C, 0x14, 0x15, 0x5D, 0x85, 0x1B6
CONDITIONS, FORMULA = 0x1B0, 0x06
NO_NUMBER, EMPTY_RESULT = b"\xff\xff", 3
"""How a formula's result ends that is no number, and the first byte of one that is empty (2.5.133)."""
STRING_TOKEN = 0x17
CHART, PICTURE, CHECK_BOX, RADIO, NOTE = 0x05, 0x08, 0x0B, 0x0C, 0x19
TICK_KINDS = {CHECK_BOX: "checkbox", RADIO: "radio"}
CHECKED = 0x12
"""The piece of an object that says whether a box is ticked (2.5.145)."""
MAX_RECORDS = 5_000_000


@dataclass(slots=True)
class Extras:
    """What a sheet has besides cells: the words of its shapes, of its printed pages, and how much was not read."""

    texts: list[str] = field(default_factory=list)
    printed: list[tuple[Literal["header", "footer"], str]] = field(default_factory=list)
    pictures: int = 0
    charts: int = 0
    empty: set[tuple[int, int]] = field(default_factory=set)
    """Where formulas came to nothing that cannot come to an empty text."""
    calculated: bool = False
    """Whether any formula has a value."""
    coloured: bool = False
    """Whether a picture or a format on a condition may lay a colour under cells."""

    def warnings(self) -> Iterator[str]:
        """What is left unread, by kind and number."""
        for count, kind in ((self.pictures, "pictures"), (self.charts, "charts")):
            if count:
                yield f"{count} {kind} on this sheet were not read: save the workbook as .xlsx or PDF if they matter"


def sheet_extras(data: bytes, start: int) -> dict[str, Extras]:
    """By the name of its sheet what lies over the cells, from the stream of a workbook of Excel 97 and later."""
    return {name: _extras(data, start + at, name) for at, name in _places(data, start) if start + at < len(data)}


def _records(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    for _ in range(MAX_RECORDS):
        if at + 4 > len(data):
            return
        number, size = struct.unpack_from("<HH", data, at)
        yield number, data[at + 4 : at + 4 + size]
        at += 4 + size


def _places(data: bytes, at: int) -> Iterator[tuple[int, str]]:
    for number, body in _records(data, at):
        if number == EOF:
            return
        if number == NAME and len(body) > 8:  # noqa: PLR2004 - where the name begins (2.4.28)
            (place,) = struct.unpack_from("<I", body)
            yield place, _characters(body[7:], body[6])


def _characters(body: bytes, count: int) -> str:
    """Characters behind a byte that says whether they take one byte or two."""
    wide = bool(body[:1] and body[0] & 1)
    return body[1 : 1 + count * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1", "replace")


def _extras(data: bytes, at: int, name: str) -> Extras:
    scan = _Scan(name)
    depth = 0
    for number, body in _records(data, at):
        depth += (number == BOF) - (number == EOF)
        if number == EOF and depth <= 0:
            break
        if depth == 1:  # deeper is within a chart
            scan.take(number, body)
    return scan.extras


class _Scan:
    """Takes the records of a sheet in their order: an object comes before its words, these behind their length."""

    def __init__(self, name: str) -> None:
        self.extras = Extras()
        self._name = name
        self._kind = self._wanted = 0
        self._ticked = False

    def take(self, number: int, body: bytes) -> None:
        if number in {HEADER, FOOTER} and len(body) > 3:  # noqa: PLR2004 - a length and a flag
            if words := printed_words(_characters(body[2:], struct.unpack_from("<H", body)[0]), self._name):
                self.extras.printed.append(("header" if number == HEADER else "footer", words))
        elif number == FORMULA and len(body) >= 22:  # noqa: PLR2004 - up to the tokens (2.4.127)
            row, column = struct.unpack_from("<HH", body)
            if body[12:14] != NO_NUMBER or body[6] != EMPTY_RESULT:
                self.extras.calculated = True
            elif STRING_TOKEN not in body[22:]:
                self.extras.empty.add((row, column))
        elif number == CONDITIONS:
            self.extras.coloured = True
        elif number == OBJECT and len(body) >= 6:  # noqa: PLR2004 - up to the kind (2.5.143)
            (self._kind,) = struct.unpack_from("<H", body, 4)
            self._ticked = _is_ticked(body)
            self.extras.coloured = self.extras.coloured or self._kind != NOTE
            self.extras.pictures += self._kind == PICTURE
            self.extras.charts += self._kind == CHART
        elif number == TEXT and len(body) >= 12:  # noqa: PLR2004 - up to the length (2.4.329)
            (self._wanted,) = struct.unpack_from("<H", body, 10)
        elif number == CONTINUE and self._wanted:
            self._words(" ".join(_characters(body, self._wanted).split()))
            self._wanted = 0

    def _words(self, text: str) -> None:
        if self._kind in TICK_KINDS:
            self.extras.texts.append(f"{TICKS[TICK_KINDS[self._kind]][self._ticked]} {text}".strip())
        elif self._kind != NOTE and text:
            self.extras.texts.append(text)


def _is_ticked(body: bytes) -> bool:
    at = 0
    while at + 6 <= len(body):
        piece, size = struct.unpack_from("<HH", body, at)
        if piece == CHECKED:
            return bool(struct.unpack_from("<H", body, at + 4)[0] == 1)
        at += 4 + size
    return False
