"""A number format's code as sections of tokens (ECMA-376 part 1, 18.8.31).

Knows no values: what a section makes of one is said in `figures` and `dates`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

TokenKind = Literal[
    "digit", "point", "comma", "percent", "exponent", "slash", "literal", "text", "general", "date", "elapsed"
]

_TOKEN = re.compile(
    r"""(?P<general>general|standard(?=$|;))
    |"(?P<quoted>[^"]*)"?
    |\\(?P<escaped>.)
    |(?P<pad>_).?
    |(?P<fill>\*).?
    |\[(?P<bracket>[^\]]*)\]
    |(?P<half_day>am/pm|a/p|上午/下午|오전/오후)
    |(?P<fraction>(?<=s)\.0+|(?<=s\])\.0+)
    |(?P<exponent>e[+-])
    |(?P<date>y+|m+|d+|h+|s+|e+|g+|b+)
    |(?P<digit>[0#?])
    |(?P<end>;)
    |(?P<other>.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+(?:e[+-]?\d+)?)", re.IGNORECASE)
_SIGNS: dict[str, TokenKind] = {".": "point", ",": "comma", "%": "percent", "/": "slash", "@": "text"}


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a section; `text` is what stands there, of a literal what is shown."""

    kind: TokenKind
    text: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Which values a section is for, such as `[>=100]`."""

    comparison: str
    bound: float

    def holds(self, value: float) -> bool:
        """Whether a value is one of these."""
        order = {"<": value < self.bound, ">": value > self.bound, "=": value == self.bound}
        if self.comparison == "<>":
            return value != self.bound
        return any(order[sign] for sign in self.comparison)

    @property
    def only_negative(self) -> bool:
        """Whether all of these are below zero: the section says so itself, if it wants to."""
        return self.comparison in {"<", "<="} and self.bound <= 0 and (self.comparison, self.bound) != ("<=", 0)


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """The tokens of one section, their kinds, and the values that it is for by its own word."""

    tokens: tuple[Token, ...]
    kinds: frozenset[TokenKind]
    condition: Condition | None = None

    def has(self, *kinds: TokenKind) -> bool:
        """Whether a token of one of these kinds is in it."""
        return not self.kinds.isdisjoint(kinds)


def sections_of(code: str) -> tuple[Section, ...]:
    """The sections of a format's code, at least one."""
    sections: list[Section] = []
    tokens: list[Token] = []
    condition: Condition | None = None
    for match in _TOKEN.finditer(code):
        if match["end"]:
            sections.append(_section(tokens, condition))
            tokens, condition = [], None
        elif match["bracket"] is not None:
            condition = _bracket(match["bracket"], tokens) or condition
        elif token := _token(match):
            tokens.append(token)
    return (*sections, _section(tokens, condition))


def _section(tokens: list[Token], condition: Condition | None) -> Section:
    return Section(tuple(tokens), frozenset(token.kind for token in tokens), condition)


def _token(match: re.Match[str]) -> Token | None:
    """What a piece of a code is; None for what only fills the cell's width."""
    kind, text = str(match.lastgroup), match[0]
    if kind in {"quoted", "escaped"}:
        return Token("literal", match[kind])
    if kind == "pad":
        return Token("literal", " ")
    if kind == "fill":
        return None
    if kind in {"half_day", "fraction"}:
        return Token("date", text.lower())
    if kind == "date":
        return Token("date", text.lower())
    if kind == "other":
        return Token(_SIGNS.get(text, "literal"), text)
    return Token("general" if kind == "general" else "exponent" if kind == "exponent" else "digit", text)


def _bracket(inner: str, tokens: list[Token]) -> Condition | None:
    """Adds what brackets show, a currency or elapsed time; gives a condition. Colours and scripts show nothing."""
    if inner.startswith("$"):
        if currency := inner[1:].rpartition("-")[0] if "-" in inner else inner[1:]:
            tokens.append(Token("literal", currency))
    elif _ELAPSED.fullmatch(inner):
        tokens.append(Token("elapsed", inner.lower()))
    elif match := _CONDITION.fullmatch(inner.strip()):
        try:
            return Condition(match[1], float(match[2]))
        except ValueError:
            return None
    return None
