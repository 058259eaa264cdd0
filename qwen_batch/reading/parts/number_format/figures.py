"""Numbers as a section of a number format shows them: digits, separators, per cent, exponents, fractions.

A value comes as its absolute, exact to the 15 digits that a spreadsheet keeps. The source is ECMA-376 part 1, 18.8.31;
what it leaves open is as Excel shows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from qwen_batch.reading.parts.number_format.sections import Section, Token

CONTEXT = Context(prec=350, rounding=ROUND_HALF_UP)
"""As wide as the largest number that a cell can hold."""
GROUP = 3
MAX_PLAIN_EXPONENT = 20
MIN_PLAIN_EXPONENT = -9
MAX_DENOMINATOR_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell shows; `exact` if the value can be told from it."""

    text: str
    exact: bool


def general(value: Decimal) -> str:
    """A number in the format General, with all its digits, as Excel's formula bar shows it."""
    if not value:
        return "0"
    if MIN_PLAIN_EXPONENT <= value.adjusted() <= MAX_PLAIN_EXPONENT:
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa = f"{value.scaleb(-value.adjusted(), CONTEXT):f}"
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}E{'-' if value.adjusted() < 0 else '+'}{abs(value.adjusted()):02}"


def number_shown(section: Section, value: Decimal) -> Shown:
    """A value of zero or more by a section's tokens."""
    usual = _usual(section)
    if usual is not None:
        return usual.shown(value)
    if section.has("general"):
        text = "".join(general(value) if token.kind == "general" else token.text for token in section.tokens)
        return Shown(text, exact=True)
    tokens = section.tokens
    digits = [index for index, token in enumerate(tokens) if token.kind == "digit"]
    if not digits:
        return Shown("".join(token.text for token in tokens), exact=not value)
    slash = next((index for index, token in enumerate(tokens) if token.kind == "slash"), None)
    if slash is not None and digits[0] < slash and _denominator(tokens, slash):
        return _fraction(tokens, slash, value)
    exponent = next((index for index, token in enumerate(tokens) if token.kind == "exponent"), None)
    if exponent is not None and digits[0] < exponent < digits[-1]:
        return _scientific(tokens, exponent, value)
    return _plain(tokens, value)


@dataclass(frozen=True, slots=True)
class _Usual:
    """A format such as `#,##0.00 "EUR"`, which most cells have: text, one figure, text."""

    before: str
    after: str
    power: int
    unit: Decimal
    grouped: bool

    def shown(self, value: Decimal) -> Shown:
        scaled = value.scaleb(self.power, CONTEXT) if self.power else value
        rounded = scaled.quantize(self.unit, context=CONTEXT)
        figure = f"{rounded:,f}" if self.grouped else f"{rounded:f}"
        return Shown(self.before + figure + self.after, rounded == scaled)


_USUAL = re.compile(r"(l*)((?:d,?)*d)(\.d+)?((?:l|%)*)")
_LETTERS = {"digit": "d", "comma": ",", "point": ".", "percent": "%", "literal": "l"}


@lru_cache(maxsize=4096)
def _usual(section: Section) -> _Usual | None:
    """A section as a usual one, None if it is not."""
    tokens = section.tokens
    shape = _USUAL.fullmatch("".join(_LETTERS.get(token.kind, "x") for token in tokens))
    if shape is None:
        return None
    whole = [token.text for token in tokens[shape.start(2) : shape.end(2)] if token.kind == "digit"]
    decimals = [token.text for token in tokens[shape.end(2) : shape.start(4)] if token.kind == "digit"]
    if whole[-1] != "0" or any(place != "#" for place in whole[:-1]) or any(place != "0" for place in decimals):
        return None
    return _Usual(
        "".join(token.text for token in tokens[: shape.end(1)]),
        "".join(token.text for token in tokens[shape.start(4) :]),
        2 * section.tokens.count(Token("percent", "%")),
        Decimal(1).scaleb(-len(decimals)),
        grouped="," in shape[2],
    )


def _plain(tokens: Sequence[Token], value: Decimal) -> Shown:
    """A number with its decimals, scaled by per cent signs and by commas behind its last digit."""
    end = _integer_end(tokens)
    thousands = _trailing_commas(tokens, len(tokens)) + (
        _trailing_commas(tokens, end) if _has_digit(tokens[end:]) else 0
    )
    percents = sum(token.kind == "percent" for token in tokens)
    scaled = value.scaleb(2 * percents - 3 * thousands, CONTEXT)
    places = sum(token.kind == "digit" for token in tokens[end:])
    rounded = scaled.quantize(Decimal(1).scaleb(-places), context=CONTEXT)
    whole, _, decimals = f"{rounded:f}".partition(".")
    exact = rounded == scaled and not (thousands and value)
    return Shown(_whole(tokens[:end], whole) + _decimals(tokens[end:], decimals), exact)


def _trailing_commas(tokens: Sequence[Token], end: int) -> int:
    """How many commas follow the last place before `end`: each divides by a thousand."""
    last = max((index for index in range(end) if tokens[index].kind == "digit"), default=end)
    count = 0
    while last + 1 + count < len(tokens) and tokens[last + 1 + count].kind == "comma":
        count += 1
    return count


def _integer_end(tokens: Sequence[Token]) -> int:
    return next((index for index, token in enumerate(tokens) if token.kind == "point"), len(tokens))


def _has_digit(tokens: Sequence[Token]) -> bool:
    return any(token.kind == "digit" for token in tokens)


def _whole(tokens: Sequence[Token], digits: str) -> str:
    """The digits before the point, set from the right into the places of the format; the first place takes the rest."""
    places = [index for index, token in enumerate(tokens) if token.kind == "digit"]
    between = range(places[0], places[-1]) if places else range(0)
    grouped = any(tokens[index].kind == "comma" for index in between)
    left = digits.lstrip("0")
    parts: list[str] = []
    written = 0
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind == "comma":
            continue
        if token.kind != "digit":
            parts.append(token.text)
            continue
        taken = left if index == places[0] else left[-1:]
        left = left[: len(left) - len(taken)]
        for digit in reversed(taken or {"0": "0", "?": " "}.get(token.text, "")):
            if grouped and written and written % GROUP == 0 and digit != " ":
                parts.append(",")
            parts.append(digit)
            written += 1
    return "".join(reversed(parts)) if places else "".join(token.text for token in tokens) + left


def _decimals(tokens: Sequence[Token], digits: str) -> str:
    parts: list[str] = []
    kept = len(digits.rstrip("0"))
    at = 0
    for token in tokens:
        if token.kind == "digit":
            parts.append(digits[at] if at < kept or token.text == "0" else " " if token.text == "?" else "")
            at += 1
        elif token.kind == "point":
            needed = kept or any(other.kind == "digit" and other.text == "0" for other in tokens)
            parts.append("." if needed else "")
        elif token.kind != "comma":
            parts.append(token.text)
    return "".join(parts)


def _scientific(tokens: Sequence[Token], at: int, value: Decimal) -> Shown:
    """A mantissa with as many digits before the point as the format has places there, and a power of ten."""
    mantissa, power_tokens = tokens[:at], tokens[at + 1 :]
    end = _integer_end(mantissa)
    step = max(sum(token.kind == "digit" for token in mantissa[:end]), 1)
    power = (value.adjusted() // step) * step if value and step > 1 else value.adjusted() if value else 0
    places = sum(token.kind == "digit" for token in mantissa[end:])
    unit = Decimal(1).scaleb(-places)
    rounded = value.scaleb(-power, CONTEXT).quantize(unit, context=CONTEXT)
    if value and rounded.adjusted() >= step:  # 9.99 became 10.0
        power += step
        rounded = value.scaleb(-power, CONTEXT).quantize(unit, context=CONTEXT)
    sign = "-" if power < 0 else "+" if tokens[at].text.endswith("+") else ""
    whole, _, decimals = f"{rounded:f}".partition(".")
    text = _whole(mantissa[:end], whole) + _decimals(mantissa[end:], decimals)
    shown = f"{text}E{sign}{_whole(power_tokens, str(abs(power)))}"
    return Shown(shown, exact=rounded.scaleb(power, CONTEXT) == value)


def _denominator(tokens: Sequence[Token], slash: int) -> str:
    """What stands below a fraction's bar: places for digits, or a number."""
    found = ""
    for token in tokens[slash + 1 :]:
        if not (token.kind == "digit" or (token.kind == "literal" and token.text.isdigit())):
            break
        found += token.text
    return found


def _fraction(tokens: Sequence[Token], slash: int, value: Decimal) -> Shown:
    below = _denominator(tokens, slash)
    start = slash
    while start and tokens[start - 1].kind == "digit":
        start -= 1
    before = tokens[:start]
    exact = Fraction(value)
    whole = int(exact) if _has_digit(before) else 0
    rest = exact - whole
    if below.strip("0#?"):
        bottom = int(below.replace("#", "0").replace("?", "0")) or 1
        top = int(rest * bottom + Fraction(1, 2))
    else:
        nearest = rest.limit_denominator(10 ** min(len(below), MAX_DENOMINATOR_DIGITS) - 1)
        top, bottom = nearest.numerator, nearest.denominator
    if top == bottom and _has_digit(before):
        whole, top = whole + 1, 0
    after = "".join(token.text for token in tokens[slash + 1 + len(below) :])
    shown = _whole(before, str(whole)) if whole or not top else "".join(t.text for t in before if t.kind == "literal")
    if top or not _has_digit(before):
        shown += f"{top}/{bottom}"
    elif not whole:
        shown = "0"
    return Shown(shown + after, exact=whole + Fraction(top, bottom) == exact)
