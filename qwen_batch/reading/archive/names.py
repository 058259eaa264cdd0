"""How the members of an archive are called, which of them are no documents, and whose path is a trick."""

from __future__ import annotations

import re

from qwen_batch.reading.parts.encoding import encoding_of
from qwen_batch.storage.uris import printable

NOT_FOR_PEOPLE = frozenset(("__MACOSX", "Thumbs.db", "desktop.ini"))
LOCAL_ENCODINGS = frozenset(("gb18030", "big5", "cp932", "cp949", "euc_kr", "cp866", "cp1251"))
"""What programs write in names instead of the format's own encoding, where it is told apart with some certainty."""
ZIP_ENCODING = "cp437"

_DRIVE = re.compile(r"[A-Za-z]:")


def is_hidden(name: str) -> bool:
    """Whether a member is left out as in a folder: its name, or that of a folder around it, begins with a dot."""
    parts = name.replace("\\", "/").split("/")
    return any(part in NOT_FOR_PEOPLE or (part.startswith(".") and part.strip(".")) for part in parts)


def leads_out(name: str) -> bool:
    """Whether a path is absolute or goes up: nobody packs so by accident."""
    path = name.replace("\\", "/")
    return path.startswith("/") or _DRIVE.match(path) is not None or ".." in path.split("/")


def member_name(name: str) -> str:
    """A member's path as the end of a URI: no part of it is empty or goes up."""
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    text = "/".join("%2E%2E" if part == ".." else printable(part) for part in parts)
    return f"%2F{text}" if path.startswith("/") else text or "unnamed"


def names_encoding(names: list[bytes]) -> str:
    """The encoding of names that are no UTF-8 and say none."""
    found = encoding_of(b"\n".join(names)) if names else ZIP_ENCODING
    return found if found in LOCAL_ENCODINGS else ZIP_ENCODING
