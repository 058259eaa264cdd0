"""The tokens of RTF: groups, control words and symbols, bytes of text (RTF 1.9.1, "Conventions of an RTF Reader")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?"
    rb"|\\'(?P<hex>[0-9a-fA-F]{2})"
    rb"|\\(?P<symbol>.)"
    rb"|(?P<open>\{)|(?P<close>\})"
    rb"|(?P<text>[^\\{}\r\n\0]+)"
    rb"|[\r\n\0]+|\\$",
    re.DOTALL,
)


class Token(NamedTuple):
    """One token: `name` is a control word or symbol, `data` bytes of text, `number` the word's parameter."""

    kind: Literal["open", "close", "word", "symbol", "hex", "text", "binary"]
    name: str = ""
    number: int | None = None
    data: bytes = b""


_OPEN, _CLOSE = Token("open"), Token("close")


def tokens(source: bytes) -> Iterator[Token]:
    """All tokens."""
    at = 0
    while found := _TOKEN.match(source, at):
        at = found.end()
        kind = found.lastgroup
        if kind == "text":
            yield Token("text", data=found["text"])
        elif kind == "open":
            yield _OPEN
        elif kind == "close":
            yield _CLOSE
        elif kind == "hex":
            yield Token("hex", data=bytes.fromhex(found["hex"].decode("ascii")))
        elif kind in {"word", "number"}:
            name = found["word"].decode("ascii")
            number = int(found["number"]) if found["number"] else None
            if name == "bin":
                start, at = at, min(at + max(number or 0, 0), len(source))
                yield Token("binary", data=source[start:at])
            else:
                yield Token("word", name, number)
        elif kind == "symbol":
            yield Token("symbol", found["symbol"].decode("latin-1"))
