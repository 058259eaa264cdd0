"""Formulas of Office files (OMML, ECMA-376 part 1, 22.1) and of web pages (MathML) as one line of text.

Fractions keep their bar, powers and indices their signs, roots theirs: `(P*r)/12`, `x^2`, `a_(i+1)`, `√(x+1)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qwen_batch.reading.parts.ooxml import attribute, child, children, local, value_of
from qwen_batch.reading.parts.xml import Element

MAX_DEPTH = 60
"""Formulas nested deeper are read as their letters."""
_SIMPLE = re.compile(r"\d+(?:[.,]\d+)*%?|[^\W\d_][′']*|[([{|][^()\[\]{}|]*[)\]}|]|")
_DROPPED = frozenset(
    (
        *("rPr", "ctrlPr", "fPr", "sSupPr", "sSubPr", "sSubSupPr", "sPrePr", "radPr", "naryPr", "dPr", "funcPr"),
        *("limLowPr", "limUppPr", "accPr", "barPr", "groupChrPr", "boxPr", "borderBoxPr", "phantPr", "mPr", "eqArrPr"),
        *("del", "moveFrom", "argPr", "oMathParaPr"),
        *("annotation", "annotation-xml", "mphantom", "maction-alternative", "mspace", "none", "mprescripts"),
    )
)


def formula_to_text(element: Element) -> str:
    """The text of a formula."""
    return " ".join(_text(element, 0).split())


def _text(element: Element, depth: int) -> str:
    name = local(element)
    if name in _DROPPED:
        return ""
    if depth > MAX_DEPTH:
        return "".join(element.itertext())
    write = _WRITERS.get(name)
    return write(element, depth + 1) if write is not None else _inside(element, depth + 1)


def _inside(element: Element | None, depth: int) -> str:
    if element is None:
        return ""
    tails = local(element) not in _STRUCTURE
    parts = [element.text or "" if tails else (element.text or "").strip()]
    for item in children(element):
        parts.append(_text(item, depth))
        parts.append((item.tail or "").strip())
    return "".join(parts)


def wrapped(text: str) -> str:
    """A part in brackets, unless it is one number or name."""
    text = text.strip()
    return text if _SIMPLE.fullmatch(text) else f"({text})"


def fraction(top: str, bottom: str) -> str:
    """A fraction with its bar."""
    return f"{wrapped(top)}/{wrapped(bottom)}"


def scripts(base: str, lower: str, upper: str) -> str:
    """A base with what stands below and above it."""
    base = base if len(base.strip()) <= 1 or _SIMPLE.fullmatch(base.strip()) else f"({base.strip()})"
    below = f"_{wrapped(lower)}" if lower.strip() else ""
    above = f"^{wrapped(upper)}" if upper.strip() else ""
    return f"{base}{below}{above}"


def root(base: str, degree: str) -> str:
    """A root of a degree, "" for the square root."""
    sign = "√" if degree.strip() in {"", "2"} else f"√[{degree.strip()}]"
    return f"{sign}({base.strip()})"


# --- Office ---


def _part(element: Element, name: str, depth: int) -> str:
    return _inside(child(element, name), depth)


def _office_fraction(element: Element, depth: int) -> str:
    top, bottom = _part(element, "num", depth), _part(element, "den", depth)
    if value_of(element, "fPr", "type") == "noBar":
        return f"{top} over {bottom}"
    return fraction(top, bottom)


def _office_scripts(element: Element, depth: int) -> str:
    return scripts(*(_part(element, name, depth) for name in ("e", "sub", "sup")))


def _office_nary(element: Element, depth: int) -> str:
    sign = value_of(element, "naryPr", "chr") or "∫"
    limits = scripts(sign, _part(element, "sub", depth), _part(element, "sup", depth))
    return f"{limits} {_part(element, 'e', depth)}"


def _office_brackets(element: Element, depth: int) -> str:
    look = child(element, "dPr")
    begin, end, apart = (value_of(look, name) for name in ("begChr", "endChr", "sepChr"))
    inner = [_inside(item, depth) for item in children(element) if local(item) == "e"]
    opening, closing = "(" if begin is None else begin, ")" if end is None else end
    return f"{opening}{(apart or '|').join(inner)}{closing}"


def _office_matrix(element: Element, depth: int) -> str:
    rows = [item for item in children(element) if local(item) == "mr"]
    return "; ".join(", ".join(_inside(cell, depth) for cell in children(row)) for row in rows)


def _office_lines(element: Element, depth: int) -> str:
    return "; ".join(_inside(item, depth) for item in children(element) if local(item) == "e")


def _office_function(element: Element, depth: int) -> str:
    return f"{_part(element, 'fName', depth)} {_part(element, 'e', depth)}"


# --- Web pages ---


def _parts(element: Element, depth: int) -> Sequence[str]:
    return [*(_text(item, depth) for item in children(element) if local(item)), "", "", ""]


def _web_fraction(element: Element, depth: int) -> str:
    top, bottom, *_ = _parts(element, depth)
    thin = (attribute(element, "linethickness") or "").strip()
    return f"{top} over {bottom}" if re.fullmatch(r"0(\.0*)?(px|em|pt|%)?", thin) else fraction(top, bottom)


def _web_power(element: Element, depth: int) -> str:
    base, upper, *_ = _parts(element, depth)
    return scripts(base, "", upper)


def _web_index(element: Element, depth: int) -> str:
    base, lower, *_ = _parts(element, depth)
    return scripts(base, lower, "")


def _web_both(element: Element, depth: int) -> str:
    base, lower, upper, *_ = _parts(element, depth)
    return scripts(base, lower, upper)


def _web_over(element: Element, depth: int) -> str:
    base, upper, *_ = _parts(element, depth)
    return scripts(base, "", upper) if any(sign.isalnum() for sign in upper) else base


def _web_root(element: Element, depth: int) -> str:
    base, degree, *_ = _parts(element, depth)
    return root(base, degree)


def _web_table(element: Element, depth: int) -> str:
    rows = [item for item in children(element) if local(item) in {"mtr", "mlabeledtr"}]
    return "; ".join(", ".join(_inside(cell, depth) for cell in children(row)) for row in rows)


def _web_fenced(element: Element, depth: int) -> str:
    opening, closing = (attribute(element, name) for name in ("open", "close"))
    inner = [_text(item, depth) for item in children(element)]
    return f"{'(' if opening is None else opening}{', '.join(inner)}{')' if closing is None else closing}"


def _web_first(element: Element, depth: int) -> str:
    return _parts(element, depth)[0]


def _web_word(element: Element, depth: int) -> str:
    return f" {_inside(element, depth).strip()} "


_STRUCTURE = frozenset(("math", "mrow", "mstyle", "semantics", "mpadded", "menclose", "mtd", "merror"))
_WRITERS: dict[str, Callable[[Element, int], str]] = {
    "f": _office_fraction,
    "sSup": _office_scripts,
    "sSub": _office_scripts,
    "sSubSup": _office_scripts,
    "sPre": lambda element, depth: (
        f"{scripts('', _part(element, 'sub', depth), _part(element, 'sup', depth))} {_part(element, 'e', depth)}"
    ),
    "rad": lambda element, depth: root(_part(element, "e", depth), _part(element, "deg", depth)),
    "nary": _office_nary,
    "d": _office_brackets,
    "m": _office_matrix,
    "eqArr": _office_lines,
    "func": _office_function,
    "limLow": lambda element, depth: scripts(_part(element, "e", depth), _part(element, "lim", depth), ""),
    "limUpp": lambda element, depth: scripts(_part(element, "e", depth), "", _part(element, "lim", depth)),
    "mfrac": _web_fraction,
    "msup": _web_power,
    "msub": _web_index,
    "msubsup": _web_both,
    "munderover": _web_both,
    "munder": _web_index,
    "mover": _web_over,
    "msqrt": lambda element, depth: root(_inside(element, depth), ""),
    "mroot": _web_root,
    "mtable": _web_table,
    "mfenced": _web_fenced,
    "semantics": _web_first,
    "maction": _web_first,
    "mtext": _web_word,
}
