"""Unpacks the compressed RTF of Outlook's messages ([MS-OXRTFCP])."""

from __future__ import annotations

import struct

HEADER_BYTES = 16
PACKED, PLAIN = 0x75465A4C, 0x414C454D
MAX_UNPACKED_BYTES = 64 << 20
WINDOW = 4096
START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What the window holds at the beginning (section 2.1.2.1)."""


def rtf_from_packed(data: bytes) -> bytes | None:
    """The RTF, None for what is none of it; what is cut off ends where the bytes do."""
    if len(data) < HEADER_BYTES:
        return None
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == PLAIN:
        return data[HEADER_BYTES : HEADER_BYTES + size]
    return _unpacked(data, min(size, MAX_UNPACKED_BYTES)) if kind == PACKED else None


def _unpacked(data: bytes, size: int) -> bytes:
    window = bytearray(START.ljust(WINDOW, b"\0"))
    at, out, place = len(START), bytearray(), HEADER_BYTES
    while place < len(data) and len(out) < size:
        control = data[place]
        place += 1
        for bit in range(8):
            if control >> bit & 1:
                if place + 1 >= len(data):
                    return bytes(out)
                high, low = data[place], data[place + 1]
                place += 2
                start, length = high << 4 | low >> 4, (low & 15) + 2
                if start == at:  # the sign of the end
                    return bytes(out)
                copied = range(start, start + length)
            else:
                if place >= len(data):
                    return bytes(out)
                window[at] = data[place]
                out.append(data[place])
                at, place = (at + 1) % WINDOW, place + 1
                continue
            for source in copied:
                byte = window[source % WINDOW]
                window[at] = byte
                out.append(byte)
                at = (at + 1) % WINDOW
    return bytes(out)
