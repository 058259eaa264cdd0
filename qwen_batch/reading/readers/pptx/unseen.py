"""Runs of a slide's text that nobody sees: without ink, lower than two points, in the colour of their shape or slide.

White on white counts only where nothing else on the slide, its layout or its master may lie behind the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, local
from qwen_batch.reading.parts.xml import Element
from qwen_batch.records import HiddenKind, HiddenText

MIN_SIZE = 200
"""Two points, in hundredths."""
WHITE = "FFFFFF"
FILLS = frozenset(("solidFill", "gradFill", "blipFill", "pattFill", "grpFill"))
PLAIN_BACKGROUND = "1001"
"""The first background of a theme, which is its first colour alone."""


def take_out_unseen(package: Package, slide: Element, above: Sequence[Element], part: str) -> tuple[HiddenText, ...]:
    """Takes such runs out of a slide's tree."""
    runs = [run for run in slide.iter("{*}r", "{*}fld") if child(run, "rPr") is not None]
    if not runs:
        return ()
    white = _white_names(package, part) if _is_plain((slide, *above)) else frozenset()
    found = []
    for run in runs:
        kind = _why(run, white)
        text = "".join(item.text or "" for item in descendants(run, "t"))
        if kind is not None and text.strip():
            found.append(HiddenText(kind, text.strip()))
            run.getparent().remove(run)
    return tuple(found)


def _why(run: Element, white: frozenset[str]) -> HiddenKind | None:
    look = child(run, "rPr")
    size = attribute(look, "sz") or ""
    if size.isdigit() and int(size) < MIN_SIZE:
        return "tiny"
    ink = child(look, "solidFill")
    if ink is None:
        return None
    if any((attribute(item, "val") or "").rstrip("%") == "0" for item in descendants(ink, "alpha")):
        return "transparent"
    name = _colour(ink)
    shape = next((item for item in run.iterancestors() if local(item) in {"sp", "tc"}), None)
    fill = child(shape, "spPr", "solidFill") if shape is not None else None
    if fill is not None:
        return "white" if name is not None and name == _colour(fill) else None
    bare = shape is not None and local(shape) == "sp" and not _is_filled(shape)
    return "white" if bare and name in white else None


def _colour(fill: Element) -> str | None:
    """A colour by its value or its name in the theme; None for one that is changed or has no name."""
    inner = next(iter(fill), None)
    return None if inner is None or len(inner) else (attribute(inner, "val") or "").upper() or None


def _is_filled(shape: Element) -> bool:
    properties = child(shape, "spPr")
    if properties is not None and any(local(item) in FILLS for item in properties):
        return True
    reference = child(shape, "style", "fillRef")
    return reference is not None and attribute(reference, "idx") != "0" and child(properties, "noFill") is None


def _is_plain(roots: Sequence[Element]) -> bool:
    """Whether slides and what they inherit have no picture, no filled shape and no background but the theme's first."""
    for root in roots:
        background = child(root, "cSld", "bg")
        if background is not None:
            reference = child(background, "bgRef")
            if reference is None or attribute(reference, "idx") != PLAIN_BACKGROUND or not _first(reference):
                return False
        if next(root.iter("{*}pic", "{*}graphicFrame"), None) is not None or any(map(_is_filled, root.iter("{*}sp"))):
            return False
    return True


def _first(reference: Element) -> bool:
    return any((attribute(item, "val") or "") == "bg1" for item in reference)


def _white_names(package: Package, part: str) -> frozenset[str]:
    """The names of white: its value, and the first colour of the theme where that is white."""
    layout = package.related(part, "slideLayout")
    master = package.related(layout, "slideMaster") if layout else None
    theme = package.related(master, "theme") if master else None
    root = package.tree(theme) if theme else None
    first = next(iter(_lights(root)), None) if root is not None else None
    if first is None or (attribute(first, "lastClr") or attribute(first, "val") or "").upper() != WHITE:
        return frozenset()
    return frozenset((WHITE, "BG1"))


def _lights(theme: Element) -> Iterator[Element]:
    for light in descendants(theme, "lt1"):
        yield from light
