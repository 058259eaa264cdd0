"""Which encoding the bytes of an RTF file are in: the file's own, or that of the font they are shown in."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from qwen_batch.reading.parts.inline.symbols import is_symbol_font

DEFAULT = "cp1252"
OF_FILE = {"ansi": DEFAULT, "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
OF_CHARSET = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}
"""By the number of a font's character set; those not named are the file's own."""
_PAGES = {65001: "utf-8", 936: "gb18030", 10000: "mac_roman", 1361: "johab"}


@dataclass(slots=True)
class Font:
    """A font of the file: `encoding` None for the file's own."""

    name: str = ""
    encoding: str | None = None

    @property
    def symbols(self) -> str | None:
        """The font's name if its characters are signs."""
        return self.name if is_symbol_font(self.name) else None


def page_encoding(number: int | None) -> str | None:
    """The encoding of a code page, None for one that Python does not know."""
    name = _PAGES.get(number or 0, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def raw_encoding(source: bytes) -> str | None:
    """UTF-8 where bytes beyond ASCII stand in the file as they are, which careless programs write."""
    if source.isascii():
        return None
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"
