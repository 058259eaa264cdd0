"""Takes apart winmail.dat, in which Outlook packs a message for others of its kind ([MS-OXTNEF])."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from qwen_batch.reading.parts.encoding import bytes_to_text
from qwen_batch.reading.parts.lzfu import rtf_from_packed

TNEF_MAGIC = b"\x78\x9f\x3e\x22"
BODY, SUBJECT, MESSAGE_PROPERTIES = 0x0002800C, 0x00018004, 0x00069003
NEXT_FILE, FILE_TITLE, FILE_DATA, FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
"""Attributes by their numbers (section 2.1.3)."""
P_SUBJECT, P_BODY, P_RTF, P_HTML = 0x0037, 0x1000, 0x1009, 0x1013
P_DATA, P_NAME, P_LONG_NAME, P_SHOWN_NAME = 0x3701, 0x3704, 0x3707, 0x3001
TEXT8, TEXT, BINARY, OBJECT = 0x001E, 0x001F, 0x0102, 0x000D
FIXED_BYTES = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8}
FIXED_BYTES |= {0x0040: 8, 0x0048: 16}
MANY = 0x1000
"""The sign of a property with several values."""
NAMED = 0x8000
OBJECT_ID_BYTES = 16
MAX_VALUES = 100_000


@dataclass(slots=True)
class PackedFile:
    """A file in it; `data` begins with TNEF_MAGIC for a message in the message."""

    name: str = ""
    data: bytes = b""


@dataclass(slots=True)
class Packed:
    """A message: one of its three texts at most is filled, the one that tells most."""

    subject: str = ""
    text: str = ""
    html: bytes = b""
    rtf: bytes = b""
    files: list[PackedFile] = field(default_factory=list)


def tnef_to_packed(data: bytes) -> Packed:
    """The message; what is behind a broken place is left away."""
    found = Packed()
    for number, value in _attributes(data):
        if number == BODY:
            found.text = found.text or bytes_to_text(value.rstrip(b"\0")) or ""
        elif number == SUBJECT:
            found.subject = bytes_to_text(value.rstrip(b"\0")) or ""
        elif number == MESSAGE_PROPERTIES:
            _take_message(found, dict(_properties(value)))
        elif number == NEXT_FILE:
            found.files.append(PackedFile())
        elif found.files and number == FILE_TITLE:
            found.files[-1].name = found.files[-1].name or bytes_to_text(value.rstrip(b"\0")) or ""
        elif found.files and number == FILE_DATA:
            found.files[-1].data = value
        elif found.files and number == FILE_PROPERTIES:
            _take_file(found.files[-1], dict(_properties(value)))
    return found


def _take_message(found: Packed, properties: dict[int, bytes | str]) -> None:
    found.subject = _text(properties.get(P_SUBJECT)) or found.subject
    found.text = _text(properties.get(P_BODY)) or found.text
    html, rtf = properties.get(P_HTML), properties.get(P_RTF)
    found.html = html.encode() if isinstance(html, str) else html or b""
    found.rtf = (rtf_from_packed(rtf) or b"") if isinstance(rtf, bytes) else b""


def _take_file(file: PackedFile, properties: dict[int, bytes | str]) -> None:
    names = (properties.get(number) for number in (P_LONG_NAME, P_SHOWN_NAME, P_NAME))
    file.name = next((text for name in names if (text := _text(name))), file.name)
    data = properties.get(P_DATA)
    if isinstance(data, bytes) and not file.data:
        inner = data[OBJECT_ID_BYTES:]
        file.data = inner if inner.startswith(TNEF_MAGIC) else data


def _text(value: bytes | str | None) -> str:
    return bytes_to_text(value.rstrip(b"\0")) or "" if isinstance(value, bytes) else value or ""


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(data):
        number, length = struct.unpack_from("<II", data, at + 1)
        if at + 9 + length > len(data):
            return
        yield number, data[at + 9 : at + 9 + length]
        at += length + 11  # a sum of two bytes follows


def _properties(data: bytes) -> Iterator[tuple[int, bytes | str]]:
    """The properties of a message or file with their first values; ends at what it does not know or is cut off."""
    try:
        (count,) = struct.unpack_from("<I", data)
        at = 4
        for _ in range(min(count, MAX_VALUES)):
            kind, number = struct.unpack_from("<HH", data, at)
            at += 4
            if number & NAMED:
                at = _behind_name(data, at)
            values, at = _values(data, at, kind)
            if values:
                yield number, values[0]
    except (struct.error, KeyError):
        return


def _behind_name(data: bytes, at: int) -> int:
    kind, length = struct.unpack_from("<II", data, at + 16)
    return at + 24 + (0 if kind == 0 else _padded(length))


def _values(data: bytes, at: int, kind: int) -> tuple[list[bytes | str], int]:
    single = kind & ~MANY
    if single in FIXED_BYTES:
        count = struct.unpack_from("<I", data, at)[0] if kind & MANY else 1
        return [], at + (4 if kind & MANY else 0) + min(count, MAX_VALUES) * FIXED_BYTES[single]
    if single not in {TEXT8, TEXT, BINARY, OBJECT}:
        raise KeyError(kind)
    (count,) = struct.unpack_from("<I", data, at)
    at += 4
    values: list[bytes | str] = []
    for _ in range(min(count, MAX_VALUES)):
        (length,) = struct.unpack_from("<I", data, at)
        value = data[at + 4 : at + 4 + length]
        if len(value) < length:
            raise struct.error
        values.append(value.decode("utf-16-le", "replace").rstrip("\0") if single == TEXT else value)
        at += 4 + _padded(length)
    return values, at


def _padded(length: int) -> int:
    return -(-length // 4) * 4
