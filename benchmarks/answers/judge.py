"""When a value counts as right. The same rules for every variant and the baseline, which has values and no quotes.

A value is null, empty or one of the usual words for absent (`N/A`, "not specified", ...), or it is something. Labels of
CUAD:

- `parties`: the names before the aliases in parentheses. A value is right if it is one of them but for legal form,
  case, punctuation and slips (each counts once); one that is an alias, a role or another of the label's spans does not
  count; any other is wrong. A name of the label that no value gives is missed; of a label with more than 8 names (two
  contracts have some fifty) no more than 8 are asked for.
- dates: right if a date in the value is the label's date, or one of a span of at most 60 characters (where label and
  document differ). Where the label has words but no whole date ("perpetual", "[]/[]/2015", a date of signature),
  nothing is judged.
- `governing_law`: right if one of the label's places stands in the value or the value in it ("English law" is
  England's).
- `renewal_term`, `notice_period`: right if a length of time in the value is the label's ("one (1) year" is 12 months).
  Where the label has none in its answer, by words as below.
- by words, and always `cap_on_liability`, whose label is only yes or no: right if the value, or the quote beside it,
  has a token F1 of at least one half with the answer or a span, or if of the two (three words and more) one stands in
  the other, nearly as it is. The baseline's values are as free to be the document's words as our quotes are.

A label without answer and spans says that the document does not state it: any value is then wrong. Wrong values where
there is a label count as given and as missed. Receipts: company as a name, date with the day first, total as a number,
address by words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.answers.documents.cases import FieldGold
from benchmarks.answers.values import (
    dates_in,
    durations_in,
    has_legal_form,
    name_ratio,
    same_name,
    same_number,
    same_words,
    texts_of,
    tokens,
)

Outcome = Literal["right", "wrong", "missed", "invented", "silent"]
"""right; wrong where there is a label; missed: null where there is one; silent: rightly null; invented: a value where
there is no label, and a name that is none of the label's."""

MAX_DATE_SPAN_CHARS = 60
MAX_LABEL_NAMES = 8
MIN_SPAN_RATIO = 75.0
_ALIASES = re.compile(r"\((?:[^()]*[\"“”][^()]*|[^()]{13,})\)")  # "(USA)" belongs to a name
_SAID_OF_ALL = re.compile(r"[\"“”]")
_QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]")
_PLACE_WORDS = re.compile(r"\b(?:the|state|commonwealth|province|republic|federal|of|laws?|united kingdom|country)\b")
_DEMONYMS = {
    "english": "england", "dutch": "netherlands", "israeli": "israel", "swiss": "switzerland", "german": "germany",
    "prc": "peoples china", "chinese": "peoples china",
}  # fmt: skip
_PARTY_PIECES = re.compile(r";|\n|\s+and\s+|\s+&\s+(?=[A-Z][a-z]+ [A-Z])")


@dataclass(frozen=True, slots=True)
class Judged:
    """One value or missing value of one field; `number` is its place in a list."""

    field: str
    outcome: Outcome
    value: str = ""
    label: str = ""
    number: int | None = None


def judge_field(field: str, value: Any, gold: FieldGold, quote: str = "", *, by_words: bool = False) -> list[Judged]:
    """Judges what was given for a field: the JSON value as it came, and its quote if it has one.

    `by_words` compares words whatever the field is: a shipped job keeps the clause where the label counts a date.
    """
    if field == "parties":
        return _judge_parties(value, gold)
    compare = _clause if by_words and field in CLAUSES else _RULES[field]
    texts = texts_of(value)
    label = gold.answer or " | ".join(gold.spans)
    given = "; ".join(texts)
    if gold.is_absent:
        return [Judged(field, "invented" if texts else "silent", given)]
    verdict = compare(texts, [quote] if quote else [], gold)
    if verdict is None:
        return []
    if not texts:
        return [Judged(field, "missed", "", label)]
    return [Judged(field, "right" if verdict else "wrong", given, label)]


def party_names(gold: FieldGold) -> list[str]:
    """The names in the label of the parties: without aliases, and without what is said of the parties together."""
    names: list[str] = []
    aliases = {" ".join(tokens(alias)) for alias in _QUOTED.findall(gold.answer)}
    for piece in _ALIASES.sub(" ", gold.answer).split(";"):
        name = piece.strip(' ",.)([“”\n')
        together = [" ".join(tokens(part)).removeprefix("the ") for part in re.split(r",|\band\b", name)]
        if not tokens(name) or _SAID_OF_ALL.search(name) or all(part in aliases for part in together if part):
            continue
        known = has_legal_form(name) or name_ratio(name, gold.spans) >= MIN_SPAN_RATIO
        repeats = any(same_name(name, other) or (f"{other} and " in f"{name}") for other in names)
        if known and not repeats:
            names.append(name)
    return names


def _judge_parties(value: Any, gold: FieldGold) -> list[Judged]:
    names = party_names(gold)
    others = [*gold.spans, *_QUOTED.findall(gold.answer)]
    left = list(names)
    judged = []
    for number, given in _given_names(value):
        found = next((name for name in left if same_name(given, name)), None)
        if found is not None:
            left.remove(found)
            judged.append(Judged("parties", "right", given, found, number))
        elif gold.is_absent:
            judged.append(Judged("parties", "invented", given, "", number))
        elif not any(same_name(given, other) for other in (*others, *names)):
            judged.append(Judged("parties", "invented", given, "; ".join(names), number))
    owed = max(0, min(len(names), MAX_LABEL_NAMES) - (len(names) - len(left)))
    missed = [Judged("parties", "missed", "", name) for name in left[:owed]]
    if judged or missed or not gold.is_absent:
        return [*judged, *missed]
    return [Judged("parties", "silent")]


def _given_names(value: Any) -> list[tuple[int, str]]:
    """The names in a list of strings or objects, or in one string, with their places."""
    items = value if isinstance(value, list) else [value]
    names: list[tuple[int, str]] = []
    for number, item in enumerate(items):
        if isinstance(item, dict):
            texts = texts_of(item["name"]) if "name" in item else texts_of(item)[:1]
        elif isinstance(value, str):
            texts = [text for piece in _PARTY_PIECES.split(value) for text in texts_of(piece)]
        else:
            texts = texts_of(item)
        names.extend((number, _ALIASES.sub(" ", text).strip(' ,"')) for text in texts)
    return [(number, name) for number, name in names if tokens(name)]


def _date(texts: Sequence[str], _quotes: Sequence[str], gold: FieldGold) -> bool | None:
    if not dates_in(gold.answer):
        return None
    labels = dates_in(gold.answer).union(*(dates_in(span) for span in gold.spans if len(span) <= MAX_DATE_SPAN_CHARS))
    return any(labels & dates_in(text) for text in texts)


def _receipt_date(texts: Sequence[str], _quotes: Sequence[str], gold: FieldGold) -> bool | None:
    labels = dates_in(gold.answer, day_first=True)
    return any(labels & dates_in(text, day_first=True) for text in texts) if labels else None


def _law(texts: Sequence[str], _quotes: Sequence[str], gold: FieldGold) -> bool | None:
    if not gold.answer:
        return _words(texts, _quotes, gold)
    labels = {_place(part) for part in re.split(r"[;,]", gold.answer)} - {""}
    return any(_holds(_place(text), label) for text in texts for label in labels)


def _place(text: str) -> str:
    words = " ".join(tokens(text.replace("'", "").replace("’", "")))
    words = " ".join(_DEMONYMS.get(word, word) for word in words.split())
    return " ".join(_PLACE_WORDS.sub(" ", words).split())


def _holds(value: str, label: str) -> bool:
    return bool(value) and (f" {label} " in f" {value} " or f" {value} " in f" {label} ")


def _duration(texts: Sequence[str], quotes: Sequence[str], gold: FieldGold) -> bool | None:
    labels = durations_in(gold.answer)
    if not labels:
        return _words(texts, quotes, gold)
    return any(labels & durations_in(text) for text in texts)


def _words(texts: Sequence[str], quotes: Sequence[str], gold: FieldGold) -> bool | None:
    labels = [label for label in (gold.answer, *gold.spans) if tokens(label)]
    if not labels:
        return None
    pieces = [piece for label in labels for piece in label.split("<omitted>") if piece.strip()]
    return bool(texts) and any(same_words(text, piece) for text in (*texts, *quotes) for piece in pieces)


def _clause(texts: Sequence[str], quotes: Sequence[str], gold: FieldGold) -> bool | None:
    """A clause that a day is counted from: its words, or the label's day."""
    verdicts = [rule(texts, quotes, gold) for rule in (_words, _date)]
    known = [verdict for verdict in verdicts if verdict is not None]
    return any(known) if known else None


def _name(texts: Sequence[str], _quotes: Sequence[str], gold: FieldGold) -> bool | None:
    return any(same_name(text, gold.answer) for text in texts)


def _amount(texts: Sequence[str], _quotes: Sequence[str], gold: FieldGold) -> bool | None:
    return any(same_number(text, gold.answer) for text in texts)


CLAUSES = frozenset({"expiration_date"})
_RULES: dict[str, Callable[[Sequence[str], Sequence[str], FieldGold], bool | None]] = {
    "agreement_date": _date,
    "effective_date": _date,
    "expiration_date": _date,
    "renewal_term": _duration,
    "notice_period": _duration,
    "governing_law": _law,
    "cap_on_liability": _words,
    "company": _name,
    "date": _receipt_date,
    "address": _words,
    "total": _amount,
}
