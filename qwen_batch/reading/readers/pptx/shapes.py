"""Where the shapes of a slide stand, so that they can be read in order: groups unfolded, places inherited.

A placeholder without a place of its own stands where the slide's layout puts it, or the master (ECMA-376 part 1, 19.3).
Lengths are in English Metric Units, 914,400 an inch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qwen_batch.reading.parts.ooxml import attribute, child, children, descendants, local
from qwen_batch.reading.parts.xml import Element
from qwen_batch.records import HiddenKind

ROW_TOLERANCE_EMU = 230_000
"""Shapes whose tops differ by less, a quarter of an inch, stand in one row."""
SHAPES = frozenset(("sp", "graphicFrame", "pic", "cxnSp", "contentPart"))
COVER_SLACK_EMU = 12_700
"""A point by which a cover may be too small."""
BOXES = frozenset(("rect", "roundRect"))
FAR_AWAY = 1e12
"""Where a shape stands whose place is given nowhere: last."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How a group scales and moves what is in it: x becomes `x0 + x * width_scale`."""

    x0: float = 0.0
    y0: float = 0.0
    x_scale: float = 1.0
    y_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape with its top left corner on the slide; `role` is the placeholder's type, None for no placeholder.

    `hidden` says why nobody sees it, None for what is seen.
    """

    element: Element
    x: float
    y: float
    role: str | None
    hidden: HiddenKind | None = None
    end: tuple[float, float] | None = None
    """Its lower right corner, None where its place is inherited."""


@dataclass(frozen=True, slots=True)
class SlideSize:
    """How large the slides of a file are."""

    width: float
    height: float


def slide_shapes(slide: Element, above: Sequence[Element], size: SlideSize | None = None) -> list[Shape]:
    """The shapes of a slide in reading order; `above` are its layout and master, whose places are inherited."""
    tree = child(slide, "cSld", "spTree")
    drawn = list(_shapes(tree, Frame(), above, size, hidden=False)) if tree is not None else []
    if size is not None and child(slide, "timing") is None:  # what covers others may go away
        drawn = list(_under_others(drawn))
    shapes = sorted(drawn, key=lambda shape: shape.y)
    ordered: list[Shape] = []
    row: list[Shape] = []
    for shape in shapes:
        if row and shape.y - row[0].y > ROW_TOLERANCE_EMU:
            ordered += sorted(row, key=lambda shape: shape.x)
            row = []
        row.append(shape)
    return ordered + sorted(row, key=lambda shape: shape.x)


def _shapes(
    group: Element, frame: Frame, above: Sequence[Element], size: SlideSize | None, *, hidden: bool
) -> Iterator[Shape]:
    for item in children(group):
        if local(item) == "grpSp":
            inner = _inner_frame(item, frame)
            yield from _shapes(item, inner, above, size, hidden=hidden or _is_hidden(item))
        elif local(item) in SHAPES:
            placeholder = next(descendants(item, "ph"), None) if local(item) != "cxnSp" else None
            role = None if placeholder is None else attribute(placeholder, "type") or "obj"
            place = _place(item) or (_inherited(placeholder, above) if placeholder is not None else None)
            x, y = place or (FAR_AWAY, FAR_AWAY)
            x, y = frame.x0 + x * frame.x_scale, frame.y0 + y * frame.y_scale
            why: HiddenKind | None = "shape" if hidden or _is_hidden(item) else None
            if why is None and size is not None and place is not None and _is_beside(item, x, y, frame, size):
                why = "clipped"
            yield Shape(item, x, y, role, why, _far_end(item, x, y, frame) if place is not None else None)


def _under_others(drawn: Sequence[Shape]) -> Iterator[Shape]:
    """The shapes in the order in which they are drawn; one that lies wholly under a later filled one is covered."""
    for at, shape in enumerate(drawn):
        covers = (other for other in drawn[at + 1 :] if shape.hidden is None and _hides(other, shape))
        yield shape if next(covers, None) is None else replace(shape, hidden="covered")


def _hides(other: Shape, shape: Shape) -> bool:
    if other.hidden is not None or other.end is None or shape.end is None or not _is_opaque(other.element):
        return False
    left, top = other.x - COVER_SLACK_EMU, other.y - COVER_SLACK_EMU
    right, bottom = other.end[0] + COVER_SLACK_EMU, other.end[1] + COVER_SLACK_EMU
    return left <= shape.x and top <= shape.y and shape.end[0] <= right and shape.end[1] <= bottom


def _is_opaque(shape: Element) -> bool:
    properties = child(shape, "spPr")
    form = child(properties, "prstGeom")
    fill = child(properties, "solidFill")
    if form is None or attribute(form, "prst") not in BOXES or fill is None:
        return False
    return next(descendants(fill, "alpha"), None) is None


def _far_end(shape: Element, x: float, y: float, frame: Frame) -> tuple[float, float] | None:
    transform = child(shape, "spPr", "xfrm")
    if transform is not None and (attribute(transform, "rot") or "0") != "0":
        return None
    extent = _point(child(transform if transform is not None else child(shape, "xfrm"), "ext"), "cx", "cy")
    return None if extent is None else (x + extent[0] * frame.x_scale, y + extent[1] * frame.y_scale)


def _is_hidden(shape: Element) -> bool:
    properties = next((found for item in shape if (found := child(item, "cNvPr")) is not None), None)
    return properties is not None and (attribute(properties, "hidden") or "0").lower() in {"1", "true", "on"}


def _is_beside(shape: Element, x: float, y: float, frame: Frame, size: SlideSize) -> bool:
    """Whether a shape stands wholly beside its slide, where authors park what is not to be seen."""
    transform = child(shape, "spPr", "xfrm")
    extent = _point(child(transform if transform is not None else child(shape, "xfrm"), "ext"), "cx", "cy")
    if extent is None:
        return False
    width, height = extent[0] * frame.x_scale, extent[1] * frame.y_scale
    return x >= size.width or y >= size.height or x + width <= 0 or y + height <= 0


def _place(shape: Element) -> tuple[float, float] | None:
    transform = child(shape, "spPr", "xfrm")
    return _point(child(transform if transform is not None else child(shape, "xfrm"), "off"), "x", "y")


def _inherited(placeholder: Element, above: Sequence[Element]) -> tuple[float, float] | None:
    index, role = attribute(placeholder, "idx"), attribute(placeholder, "type") or "obj"
    for root in above:
        candidates = [(shape, mark) for shape in descendants(root, "sp") for mark in descendants(shape, "ph")]
        same_index = [shape for shape, mark in candidates if index and attribute(mark, "idx") == index]
        same_role = [shape for shape, mark in candidates if (attribute(mark, "type") or "obj") == role]
        place = next(filter(None, map(_place, [*same_index, *same_role])), None)
        if place:
            return place
    return None


def _inner_frame(group: Element, outer: Frame) -> Frame:
    """The frame of what is in a group, whose coordinates are the group's own (`chOff`, `chExt`)."""
    transform = child(group, "grpSpPr", "xfrm")
    places = [_point(child(transform, name), *axes) for name, axes in (("off", "xy"), ("chOff", "xy"))]
    sizes = [_point(child(transform, name), "cx", "cy") for name in ("ext", "chExt")]
    off, inner_off = places
    size, inner_size = sizes
    if off is None or inner_off is None or size is None or inner_size is None or not all(inner_size):
        return outer
    x_scale, y_scale = size[0] / inner_size[0], size[1] / inner_size[1]
    return Frame(
        outer.x0 + (off[0] - inner_off[0] * x_scale) * outer.x_scale,
        outer.y0 + (off[1] - inner_off[1] * y_scale) * outer.y_scale,
        outer.x_scale * x_scale,
        outer.y_scale * y_scale,
    )


def _point(element: Element | None, x_name: str, y_name: str) -> tuple[float, float] | None:
    if element is None:
        return None
    try:
        return float(attribute(element, x_name) or ""), float(attribute(element, y_name) or "")
    except ValueError:
        return None
