"""What the cells of a column say as a field's type has it: numbers, money, days, choices. Knows JSON schema and cells.

How a column writes its numbers and days is one decision for all of its cells: 1.234 is a thousand where 1.234,50 stands
below it, and 03/04/2026 a day of April where 25/04/2026 does. A day that stays open is no day.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from qwen_batch.job.computed.kinds import fact_key, is_money
from qwen_batch.job.facts.currencies import to_code
from qwen_batch.job.facts.dates import dates_in, iso_day
from qwen_batch.job.nothing import is_placeholder
from qwen_batch.job.rows.marks import QUOTE, Schema, Target
from qwen_batch.schema_walk import resolved

Convert = Callable[[str], Any]
"""A cell's text to a value; None for one that says none."""
MAX_SIDE_LETTERS = 6
"""Letters that may stand beside a number in its cell: a currency, a unit."""
THOUSANDS = 3
BESIDE = re.compile(r"(.*\d.*) \((-?\d[\d.]*(?:E[-+]\d+)?)\)")
"""What a sheet shows of a number, and behind it the number where it has lost digits: `4% (0.0425)`."""
_NUMBER = re.compile(r"[-+−–]?\s*\d[\d\s.,'’]*")
_YES = frozenset({"yes", "y", "true", "x", "✓", "✔", "☑", "☒", "1", "是", "有", "√"})
_NO = frozenset({"no", "n", "false", "✗", "✘", "☐", "0", "否", "无", "×"})
_LETTERS = re.compile(r"[^\W\d_]+|[€$£¥₹%]")
_EITHER = re.compile(r"\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})\b")
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Column:
    """How the cells of one column become values of a field."""

    target: Target
    convert: Convert


def column_for(target: Target, head: str, cells: Sequence[str], definitions: dict[str, Schema]) -> Column:
    """How a column with this name and these cells is read as a field."""
    return Column(target, _converter(target.body, head, cells, definitions))


def share_read(column: Column, cells: Sequence[str]) -> float:
    """The share of the cells that say something of which the field has a value."""
    said = [cell for cell in cells if not is_placeholder(cell)]
    return sum(column.convert(cell) is not None for cell in said) / len(said) if said else 0.0


def _converter(body: Schema, head: str, cells: Sequence[str], definitions: dict[str, Schema]) -> Convert:
    if "enum" in body or "const" in body:
        return partial(_choice, tuple(body.get("enum", [body.get("const")])))
    match body.get("type"):
        case "integer":
            return partial(_whole, decimal_mark(cells))
        case "number":
            return partial(number_of, decimal_mark(cells))
        case "boolean":
            return _flag
        case "string":
            if body.get("format") in {"date", "date-time"}:
                return partial(_day, _day_first(cells))
            return partial(_text, body.get("maxLength"), re.compile(body["pattern"]) if "pattern" in body else None)
        case "object":
            return _object(body, head, cells, definitions)
    return lambda _: None


def _object(body: Schema, head: str, cells: Sequence[str], definitions: dict[str, Schema]) -> Convert:
    properties = body.get("properties", {})
    quote = QUOTE in properties
    if is_money(properties):
        return partial(_money, decimal_mark(cells), _code_in(head), quote)
    key = fact_key({QUOTE: {}, **properties})
    if key is None:
        return lambda _: None
    return partial(_fact, key, _converter(resolved(properties[key], definitions), head, cells, definitions), quote)


def _fact(key: str, convert: Convert, quote: bool, cell: str) -> Any:
    value = convert(cell)
    return None if value is None else ({QUOTE: cell[:120], key: value} if quote else {key: value})


def _money(mark: str, code: str | None, quote: bool, cell: str) -> Any:
    value = number_of(mark, cell)
    if value is None:
        return None
    money = {"value": value, "currency": _code_in(cell) or code}
    return {QUOTE: cell[:120], **money} if quote else money


def _code_in(text: str) -> str | None:
    return next((code for word in _LETTERS.findall(text) if (code := to_code(word))), None)


def decimal_mark(cells: Sequence[str]) -> str:
    """The sign before the decimals of a column's numbers: "," where a cell says so and none says ".", else "."."""
    said = {mark for cell in cells if (mark := _mark_of(cell))}
    return "," if said == {","} else "."


@lru_cache(maxsize=1 << 17)
def _mark_of(cell: str) -> str | None:
    """The decimal sign that a cell shows for certain; 1.234 shows none."""
    found = _NUMBER.search(unicodedata.normalize("NFKC", cell))
    written = re.sub(r"[\s'’]", "", found[0]).rstrip(".,") if found else ""
    last = max(written.rfind("."), written.rfind(","))
    if last < 0:
        return None
    other = "," if written[last] == "." else "."
    if other in written:
        return written[last] if written.count(written[last]) == 1 else other
    if written.count(written[last]) > 1:
        return other
    decimals = len(written) - last - 1
    return written[last] if decimals != THOUSANDS or written.lstrip("+-−–")[0] == "0" else None


def number_of(mark: str, cell: str) -> float | None:
    """The number that a cell is, with little beside it; None for words, and for two numbers."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if beside := BESIDE.fullmatch(text):
        return float(beside[2]) * (100 if beside[1].endswith("%") else 1)
    found = _NUMBER.search(text)
    if found is None:
        return None
    before, behind = text[: found.start()], text[found.end() :]
    if any(map(str.isdigit, before + behind)) or sum(map(str.isalpha, before + behind)) > MAX_SIDE_LETTERS:
        return None
    if before and before[-1].isalpha() and _code_in(before) is None:  # HM-1000 is a code, USD 1000 none
        return None
    digits = re.sub(r"[\s'’]", "", found[0]).rstrip(".,").replace("," if mark == "." else ".", "").replace(mark, ".")
    negative = digits[0] in "-−–" or text.endswith("-") or (text.startswith("(") and text.endswith(")"))
    try:
        number = float(digits.lstrip("+-−–"))
    except ValueError:
        return None
    return -number if negative else number


def _whole(mark: str, cell: str) -> int | None:
    number = number_of(mark, cell)
    return int(number) if number is not None and number == int(number) else None


def _day_first(cells: Sequence[str]) -> bool | None:
    """Whether the day stands before the month, by the cells that can be read one way alone; None if none tells."""
    pairs = [(int(found[1]), int(found[2])) for cell in cells if (found := _EITHER.match(cell))]
    day_first = any(first > MONTHS >= second for first, second in pairs)
    month_first = any(second > MONTHS >= first for first, second in pairs)
    return day_first if day_first is not month_first else None


def _day(day_first: bool | None, cell: str) -> str | None:
    if day := iso_day(cell.strip()):
        return day.isoformat()
    for written in dates_in(cell):
        if len(written.days) == 1:
            return next(iter(written.days)).isoformat()
        found = _EITHER.match(cell[written.start :])
        if found is not None and day_first is not None:
            wanted = int(found[1] if day_first else found[2])
            return next((day.isoformat() for day in written.days if day.day == wanted), None)
    return None


def _flag(cell: str) -> bool | None:
    word = cell.strip().casefold()
    return True if word in _YES else False if word in _NO else None


def _choice(options: tuple[Any, ...], cell: str) -> Any:
    word = cell.strip().casefold()
    return next((option for option in options if str(option).casefold() == word), None)


def _text(most: int | None, pattern: re.Pattern[str] | None, cell: str) -> str | None:
    text = cell.strip()
    if not text or (pattern is not None and not pattern.search(text)):
        return None
    return text if most is None else text[:most].rstrip()
