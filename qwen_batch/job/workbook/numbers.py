"""Exact numbers of cells: as a sheet stores them, where what it shows has lost digits; percent as parts of one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from qwen_batch.job.facts.currencies import to_code
from qwen_batch.job.rows.values import BESIDE, decimal_mark, number_of

PERCENT = Decimal(100)
MAX_DECIMALS = 10
"""Decimals that are counted with; a binary fraction that a sheet stores has more of them by chance."""
MAX_DIGITS = 27
_WORDS = re.compile(r"[^\W\d_]+|[€$£¥₹]")


@dataclass(frozen=True, slots=True)
class Number:
    """A cell's number; `percent` if it is shown as one, `currency` the code of what is written beside it.

    `decimals` are those that it has or is written with: 10.50 has two.
    """

    value: Decimal
    decimals: int
    percent: bool = False
    currency: str | None = None


def numbers_of(cells: Sequence[str]) -> list[Number | None]:
    """The numbers of a column's cells, read in one way; None for cells that are none."""
    mark = decimal_mark([cell for cell in cells if cell])
    return [_number(mark, cell) for cell in cells]


def decimals_of(value: Decimal) -> int:
    """How many decimals a number has."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def plain(value: Decimal) -> str:
    """A number without an exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def written(value: Decimal, decimals: int, *, percent: bool = False) -> str:
    """A number as facts write it: thousands apart, in percent where its column is."""
    if percent:
        return f"{_rounded(value * PERCENT, max(0, min(decimals - 2, 2)) or 1):,f} %"
    return f"{_rounded(value, min(decimals, 4)):,f}"


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), "ROUND_HALF_UP")


@lru_cache(maxsize=1 << 17)
def _number(mark: str, cell: str) -> Number | None:
    text = unicodedata.normalize("NFKC", cell).strip()
    beside = BESIDE.fullmatch(text)
    shown = beside[1] if beside else text
    if not shown or number_of(mark, shown) is None:
        return None
    exact = _decimal(beside[2]) if beside else _shown(mark, shown)
    percent = shown.rstrip().endswith("%")
    if exact is None or exact.adjusted() >= MAX_DIGITS:
        return None
    if percent and not beside:
        exact /= PERCENT
    if decimals_of(exact) > MAX_DECIMALS:
        exact = _rounded(exact, MAX_DECIMALS)
    found = re.search(rf"{re.escape(mark)}(\d+)", shown)
    said = len(found[1]) if found and not beside and not percent else 0
    decimals = max(decimals_of(exact), min(said, MAX_DECIMALS))
    return Number(
        exact, decimals, percent, next((code for word in _WORDS.findall(shown) if (code := to_code(word))), None)
    )


def _shown(mark: str, shown: str) -> Decimal | None:
    """The digits that are shown, as `number_of` reads them, without the way through a binary fraction."""
    near = number_of(mark, shown)
    return None if near is None else _decimal(repr(near))


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
