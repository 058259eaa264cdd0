"""Figures as the terminal shows them: short numbers, spans of time, and what was planned beside what came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwen_batch.output.log.plan import Foretold

_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_ALL_DIGITS = 100


def short(value: float) -> str:
    """Three digits and a unit."""
    for unit, letter in _UNITS:
        if value >= unit:
            digits = value / unit
            return f"{digits:.0f}{letter}" if digits >= _ALL_DIGITS else f"{digits:.3g}{letter}"
    return f"{value:.0f}"


def whole(value: float) -> str:
    """All digits, or a short number from a million on."""
    return f"{value:,.0f}" if value < _UNITS[2][0] else short(value)


def span(seconds: float) -> str:
    """Hours and minutes, minutes and seconds, or seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest} s"


def planned_line(foretold: Sequence[Foretold]) -> str:
    """What was planned and what came, with the difference where there is one."""
    return f"planned and real: {'; '.join(map(_one, foretold))}"


def _one(foretold: Foretold) -> str:
    planned, real = foretold.planned.likely, foretold.real
    words = span if foretold.what == "time" else whole
    if planned == real:
        return f"{foretold.what} {words(planned)}"
    off = f" ({real / planned - 1:+.0%})" if planned else ""
    return f"{foretold.what} {words(planned)}, {words(real)}{off}"
