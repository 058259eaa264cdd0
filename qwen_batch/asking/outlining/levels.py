"""Which level each heading of a document has, told from how the headings look. Knows nothing of where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qwen_batch.asking.headings import Heading

Style = tuple[str, float]
"""What headings of one level have in common: the kind of their numbers, and their type size, 0 where that is open."""
SAME_SIZE = 0.08
"""Sizes that differ by a smaller share are the same."""
_ORDER = (
    *(f"#{level}" for level in range(1, 7)),
    *("label part", "label 编", "label chapter", "label 章", "label section", "label 节", "label 条"),
    *("listed", "in brackets", "number", "decimal 2", "decimal 3", "decimal 4", "small"),
)
"""Kinds of numbers from the highest; those that are not here stand where they first occur."""


def levelled(styled: Sequence[tuple[Style, Heading]]) -> list[Heading]:
    """Each heading with its level: a style that was seen goes back to its level, a new one stands below the last.

    A new style that is larger than those above it stands above them.
    """
    open_styles: list[Style] = []
    result = []
    for style, heading in styled:
        known = next((at for at, one in enumerate(open_styles) if _same_style(one, style)), None)
        if known is not None:
            del open_styles[known + 1 :]
        else:
            while open_styles and style[1] > open_styles[-1][1] * (1 + SAME_SIZE) and open_styles[-1][1]:
                open_styles.pop()
            while open_styles and _is_above(style[0], open_styles[-1][0]):
                open_styles.pop()
            open_styles.append(style)
        result.append(replace(heading, rank=len(open_styles) - 1))
    return result


def _is_above(kind: str, other: str) -> bool:
    """Whether headings of one kind always stand above those of the other."""
    return kind in _ORDER and other in _ORDER and _ORDER.index(kind) < _ORDER.index(other)


def _same_style(one: Style, other: Style) -> bool:
    return one[0] == other[0] and abs(one[1] - other[1]) <= SAME_SIZE * max(one[1], other[1])
