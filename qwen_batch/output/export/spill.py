"""The sheets of a workbook: names that Excel takes, and a next sheet where one is full."""

from __future__ import annotations

import re

EXCEL_ROWS = 1_048_576
EXCEL_COLUMNS = 16_384
EXCEL_NAME_CHARS = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_KEPT_BY_EXCEL = "history"


class SheetNames:
    """Gives each sheet a name of its own; Excel does not tell A from a."""

    def __init__(self) -> None:
        self._taken = {_KEPT_BY_EXCEL}

    def free(self, wanted: str) -> str:
        """The wanted name, or one like it."""
        base = _NOT_IN_NAMES.sub("_", wanted).strip("'") or "rows"
        number, name = 1, _cut(base, "")
        while name.casefold() in self._taken:
            number += 1
            name = _cut(base, f" ({number})")
        self._taken.add(name.casefold())
        return name


def _cut(base: str, ending: str) -> str:
    """Excel counts UTF-16 code units here too."""
    room = (EXCEL_NAME_CHARS - len(ending)) * 2
    return base.encode("utf-16-le")[:room].decode("utf-16-le", "ignore").rstrip("'") + ending
