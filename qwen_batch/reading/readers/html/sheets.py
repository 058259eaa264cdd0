"""The rules of style sheets that change what is read, as they hold on a screen of usual size (CSS Syntax 3, Nesting 1).

Owns media queries, nested rules and variables; which elements a rule is about is `css`'s part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

PROPERTIES = frozenset(
    (
        *(
            "display",
            "visibility",
            "opacity",
            "font-size",
            "max-height",
            "height",
            "width",
            "overflow",
            "left",
            "top",
            "bottom",
        ),
        *("text-indent", "clip", "clip-path", "color", "background", "background-color", "background-image"),
        *("background-clip", "-webkit-background-clip", "text-shadow", "text-decoration", "text-decoration-line"),
        *("vertical-align", "list-style", "list-style-type", "font-family", "position", "transform"),
        *("content-visibility", "content", "counter-reset", "counter-increment"),
    )
)
SCREEN_PX = 1280
"""How wide the window is in which a page is read."""
EM_PX = 16
SCREENS = frozenset(("", "all", "screen", "only screen", "(prefers-color-scheme: light)"))
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_BLOCK = re.compile(r"([^{}]*)([{}])")
_IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)
_VARIABLE = re.compile(r"(--[\w-]+)\s*:\s*([^;{}]+)")
_USE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
_WIDTH = re.compile(r"\(\s*(min|max)-width\s*:\s*([\d.]+)\s*(px|r?em)\s*\)")
_NEVER = re.compile(r"::?(?:first-l|selection|placeholder|marker)|:(?:hover|active|focus|visited|target|checked)")
_SAYS = re.compile(r"(?:attr|counters?)\(|[\"'][^\"'\\]*[^\s\"'\\\ue000-\uf8ff]")
MAX_USES = 8


@dataclass(frozen=True, slots=True)
class Rule:
    """A list of selectors, and the values of properties with whether they are important."""

    selectors: str
    declarations: Mapping[str, tuple[str, bool]]


def sheet_rules(text: str) -> Iterator[Rule]:
    """The rules of a sheet that matter."""
    text = _COMMENT.sub(" ", text)
    values: dict[str, str] = {}
    for name, value in _VARIABLE.findall(text):
        values.setdefault(name, value.strip())  # later ones are for dark screens and the like
    opened: list[tuple[bool, str]] = []
    for found in _BLOCK.finditer(text):
        said, mark = found[1].strip(), found[2]
        shown, selectors = opened[-1] if opened else (True, "")
        head = ""
        if mark == "{":
            said, _, head = said.rpartition(";")
            head = head.strip()
        if shown and selectors and (chosen := declarations(said, values)) and _matters(chosen):
            yield Rule(selectors, chosen)
        if mark == "}":
            del opened[-1:]
        elif head.startswith("@"):
            opened.append((shown and _holds(head), selectors))
        else:
            opened.append((shown, _nested(selectors, head)))


def declarations(text: str, values: Mapping[str, str] | None = None) -> dict[str, tuple[str, bool]]:
    """The properties that matter of a block: value in lower case, strings as they are, and whether it is important."""
    found: dict[str, tuple[str, bool]] = {}
    for item in text.split(";"):
        name, colon, value = item.partition(":")
        name = name.strip().lower()
        if colon and name in PROPERTIES:
            plain = _IMPORTANT.sub("", value)
            important = plain != value
            for _ in range(MAX_USES):
                if "var(" not in plain:
                    break
                plain = _USE.sub(lambda use: (values or {}).get(use[1], use[2] or ""), plain)
            found[name] = plain.strip() if name == "content" else " ".join(plain.lower().split()), important
    return found


def is_screen(condition: str) -> bool:
    """Whether a media query holds on a usual screen."""
    return any(all(map(_is_met, query.split(" and "))) for query in " ".join(condition.lower().split()).split(","))


def _is_met(feature: str) -> bool:
    feature = feature.strip()
    if (width := _WIDTH.fullmatch(feature)) is None:
        return feature in SCREENS
    pixels = float(width[2]) * (1 if width[3] == "px" else EM_PX)
    return pixels <= SCREEN_PX if width[1] == "min" else pixels >= SCREEN_PX


def _holds(head: str) -> bool:
    name, _, condition = head.partition(" ")
    return name.lower() in {"@supports", "@layer"} or (name.lower().startswith("@media") and is_screen(condition))


def _nested(around: str, selectors: str) -> str:
    if _NEVER.search(selectors) and "," not in selectors:
        return ""
    if not around:
        return selectors
    inner = [one if "&" in one else f"& {one}" for one in selectors.split(",")]
    return ",".join(inner).replace("&", f":is({around})")


def _matters(chosen: Mapping[str, tuple[str, bool]]) -> bool:
    """Whether a rule is more than an icon; icon fonts have hundreds."""
    return "content" not in chosen or len(chosen) > 1 or _SAYS.search(chosen["content"][0]) is not None
