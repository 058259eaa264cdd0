"""The 120 orders and 150 look-alikes, and which half of them each belongs to.

Half of each is `dev`, for building and tuning; the other, `test`, is looked at for closing figures alone. Which it is
depends on the sha256 of the text, so that nobody chooses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Half = Literal["dev", "test"]
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage in one of nine languages. An order wants `value` in `field`; "*" is every field, "" nothing there.

    Harmless ones want nothing: their `field` is "".
    """

    name: str
    language: str
    kind: str
    text: str
    half: Half
    field: str = ""
    value: str = ""

    @property
    def is_order(self) -> bool:
        """Whether it wants something of the model."""
        return bool(self.field)


def orders(half: Half | None = None) -> list[Passage]:
    """The orders of a half, or all, as they stand in the file."""
    return _of_half("orders", half)


def harmless(half: Half | None = None) -> list[Passage]:
    """The look-alikes of a half, or all, as they stand in the file."""
    return _of_half("harmless", half)


def _of_half(name: str, half: Half | None) -> list[Passage]:
    lines = (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    dev = _first_half([row["text"] for row in rows])
    passages = [_passage(name, number, row, dev) for number, row in enumerate(rows)]
    return [one for one in passages if half in (None, one.half)]


def _passage(name: str, number: int, row: dict[str, Any], dev: set[str]) -> Passage:
    return Passage(f"{name}_{number:03}", half="dev" if row["text"] in dev else "test", **row)


def _first_half(texts: Sequence[str]) -> set[str]:
    """Half of the texts: those whose sha256 comes first."""
    ranked = sorted(texts, key=lambda text: hashlib.sha256(text.encode("utf-8")).hexdigest())
    return set(ranked[: len(ranked) // 2])
