"""Which facts a kind of document states, from samples: a draft of a job for a person to edit.

Two sources: lines that name a value (`Invoice No.: 4711`, a table's row of two cells), found by code, and what a model
named with its quotes. What several samples call alike is one fact; its kind follows from how its values are written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from qwen_batch.job.drafts import Fact, may_be_named
from qwen_batch.job.facts.currencies import meanings
from qwen_batch.job.facts.dates import dates_in
from qwen_batch.job.facts.numerals import has_numeral

MAX_FACTS = 16
MIN_SHARE = 0.5
"""Of the samples: a fact that fewer have is that of one document, not of its kind."""
MIN_FACTS = 5
"""Where samples share fewer, others fill up: taking out is easier than thinking of."""
ALIKE = 88
"""rapidfuzz's ratio of two names of one fact."""
_MAX_LABEL_WORDS = 5
_LABELLED = re.compile(r"^[\W_]{0,3}(?P<label>[^\W\d_][^:：|]{1,40}?)\s*[:：]\s*(?P<value>\S.{0,119})$")
_CELLS = re.compile(r"^\|(?P<label>[^|]{2,42})\|(?P<value>[^|]{1,120})\|$")
_AMOUNT = re.compile(r"\d[\d.,' ]*\d|\d")
_NUMBER = re.compile(r"[-+]?\d[\d.,']*\s?%?")
_YES_NO = frozenset({"yes", "no", "ja", "nein", "true", "false", "x", "☒", "☐", "是", "否", "有", "无"})
_PARTIES = re.compile(
    r"(?i)\b(seller|buyer|vendor|supplier|customer|client|landlord|tenant|lessor|lessee|licensor|licensee|employer"
    r"|employee|sender|recipient|from|to|bill(ed)? to|payee|payer|insured|insurer|borrower|lender|company|contractor)\b"
    r"|[甲乙丙]方|卖方|买方|供应商|客户|出租方|承租方|雇主|雇员|收款|付款"
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact of one sample: what it is called there, what it is in general (by a model, else empty), and its words."""

    name: str
    about: str
    value: str


def labelled(text: str) -> Iterator[Stated]:
    """Facts that a text itself names, line by line."""
    for line in text.splitlines():
        found = _LABELLED.match(line.strip()) or _CELLS.match(line.strip())
        if found is None:
            continue
        label, value = (found[name].strip(" *_\t") for name in ("label", "value"))
        if label and value and len(label.split()) <= _MAX_LABEL_WORDS and value != label and "://" not in line:
            yield Stated(label, "", value)


def to_facts(samples: Sequence[Sequence[Stated]]) -> tuple[Fact, ...]:
    """The facts that at least MIN_SHARE of the samples state, or MIN_FACTS, those of most samples first."""
    groups: list[list[tuple[int, Stated]]] = []
    for number, stated in enumerate(samples):
        for one in stated:
            group = next((group for group in groups if _is_alike(group[0][1].name, one.name)), None)
            if group is None:
                groups.append(group := [])
            group.append((number, one))
    groups.sort(key=lambda group: -_count(group))
    shared = sum(_count(group) >= MIN_SHARE * len(samples) for group in groups)
    names: set[str] = set()
    return tuple(_fact(group, names) for group in groups[: min(max(shared, MIN_FACTS), MAX_FACTS)])


def _count(group: Sequence[tuple[int, Stated]]) -> int:
    """In how many samples a fact is."""
    return len({number for number, _ in group})


def _fact(group: Sequence[tuple[int, Stated]], names: set[str]) -> Fact:
    first = next((one for _, one in group if one.about), group[0][1])
    by_sample: dict[int, set[str]] = defaultdict(set)
    for number, one in group:
        by_sample[number].add(one.value)
    several = sum(len(values) > 1 for values in by_sample.values()) > len(by_sample) / 2
    kind = _kind(first.name, [one.value for _, one in group], several=several)
    return Fact(_field_name(first.name, names), kind, first.about or first.name)


def _kind(name: str, values: Sequence[str], *, several: bool) -> str:
    if _PARTIES.search(name) and not any(map(_is_number, values)):
        return "parties" if several else "party"
    if several:
        return "list"
    kinds = {"day": dates_in, "yes_no": _is_yes_no, "amount": _is_amount, "number": _is_number}
    return next((kind for kind, holds in kinds.items() if _most(map(holds, values))), "text")


def _most(found: Iterable[object]) -> bool:
    told = [bool(one) for one in found]
    return sum(told) * 2 > len(told)


def _is_yes_no(value: str) -> bool:
    return value.strip().lower() in _YES_NO


def _is_number(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value.strip()))


def _is_amount(value: str) -> bool:
    """Whether a value is a figure with a currency, and little else."""
    rest = _AMOUNT.sub(" ", value).strip(" .,-–").lower()
    return has_numeral(value) and any(word in meanings() for word in (rest, *rest.split()))


def _is_alike(one: str, other: str) -> bool:
    return fuzz.ratio(_plain(one), _plain(other)) >= ALIKE


def _plain(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.lower().replace("_", " ")))


def _field_name(label: str, names: set[str]) -> str:
    """A field's name made of a label's Latin letters, `field_2` where there are none; each is given once."""
    words = re.findall(r"[a-z0-9]+", label.lower().replace("_", " "))
    name = "_".join(words)[:40].strip("_").lstrip("0123456789_") or f"field_{len(names) + 1}"
    name = name if may_be_named(name) else f"{name}_stated"
    while name in names:
        name += "_2"
    names.add(name)
    return name
