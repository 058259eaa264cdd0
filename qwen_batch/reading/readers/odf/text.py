"""The text of a paragraph of an OpenDocument file, with what is attached to it (ODF 1.3 part 3, 6 and 7)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from qwen_batch.reading.parts.inline.symbols import symbols_to_text
from qwen_batch.reading.parts.marks import Run, runs_to_text
from qwen_batch.reading.parts.ooxml import attribute, child, local
from qwen_batch.reading.parts.writer import RENDERED_BREAK
from qwen_batch.reading.parts.xml import Element, new_element, walked
from qwen_batch.reading.readers.odf.styles import Look, Styles
from qwen_batch.records import HiddenText

MAX_SPACES = 100
MAX_DEPTH = 100
DRAWINGS = frozenset(
    (
        "frame",
        "g",
        "custom-shape",
        "rect",
        "ellipse",
        "circle",
        "line",
        "connector",
        "polygon",
        "path",
        "regular-polygon",
    )
) | {"caption", "polyline", "control", "page-thumbnail", "measure"}
NOT_TEXT = frozenset(
    ("tracked-changes", "sequence-decls", "variable-decls", "user-field-decls", "forms", "title", "desc")
)
NOT_TEXT |= {"change", "change-start", "change-end", "label", "dde-connection-decls", "event-listeners"}
BLANKS = frozenset(("s", "tab", "line-break", "soft-page-break"))
FIELD_MARKS = frozenset(("fieldmark", "fieldmark-start"))
RUBY = ("ruby-base", "ruby-text")
HIDDEN_FIELDS = frozenset(("hidden-text", "hidden-paragraph"))
UNKNOWN = "unknown"
CHECKED, UNCHECKED = "☒", "☐"


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote or a comment: its mark in the text, "" for a comment, and its text."""

    mark: str
    text: str


@dataclass(slots=True)
class ParagraphText:
    """What stands in a paragraph; `deleted` are the ids of tracked changes that are deletions here."""

    runs: list[Run] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    drawings: list[Element] = field(default_factory=list)
    hidden: list[HiddenText] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text with its marks."""
        return runs_to_text(self.runs)


def paragraph_text(paragraph: Element, styles: Styles, controls: Mapping[str, str]) -> ParagraphText:
    """All text of a paragraph or heading; `controls` are the texts of form controls by their ids."""
    found = ParagraphText()
    name = attribute(paragraph, "style-name")
    look = replace(styles.look("paragraph", name), paper=_paper(paragraph, styles))
    if any(attribute(item, "is-hidden") == "true" for item in paragraph.iter("{*}hidden-paragraph")):
        look = replace(look, hidden=True)
    _inside(paragraph, look, found, _Way(styles, controls), 0)
    return found


def all_text(element: Element, styles: Styles, controls: Mapping[str, str]) -> ParagraphText:
    """What all paragraphs below an element show, on one line, and what hangs on them."""
    whole = ParagraphText()
    for paragraph in _paragraphs(element, 0):
        found = paragraph_text(paragraph, styles, controls)
        whole.runs += [Run(" "), *found.runs]
        whole.notes += found.notes
        whole.drawings += found.drawings
        whole.hidden += found.hidden
    whole.runs = [Run(whole.text.strip())]
    return whole


def _paragraphs(element: Element, depth: int) -> Iterator[Element]:
    if local(element) in {"p", "h"}:
        yield element
    elif local(element) not in NOT_TEXT and depth < MAX_DEPTH:
        for item in element:
            yield from _paragraphs(item, depth + 1)


def _paper(paragraph: Element, styles: Styles) -> str:
    """What a paragraph stands on: its own colour or that of its cell; in a frame or on a slide any."""
    if paper := styles.paper("paragraph", attribute(paragraph, "style-name")):
        return paper
    for around in paragraph.iterancestors():
        name, family = local(around), ""
        if name in {"text-box", "page", "master-page", "presentation"} | DRAWINGS:
            return UNKNOWN
        if name in {"table-cell", "table-row", "table"}:
            family = name
        if family and (paper := styles.paper(family, attribute(around, "style-name"))):
            return paper
    return UNKNOWN if styles.coloured else ""


@dataclass(frozen=True, slots=True)
class _Way:
    styles: Styles
    controls: Mapping[str, str]


def _inside(element: Element, look: Look, found: ParagraphText, way: _Way, depth: int) -> None:
    _say(element.text, look, found)
    for item in element:
        if depth < MAX_DEPTH:
            _item(item, look, found, way, depth + 1)
        else:
            _say("".join(item.itertext()), look, found)
        _say(item.tail, look, found)


def _say(text: str | None, look: Look, found: ParagraphText) -> None:
    text = symbols_to_text((text or "").replace("\n", " ").replace("\t", " "), look.font)
    if text and (kind := look.unseen if text.strip() else None):
        found.hidden.append(HiddenText(kind, text))
    elif text:
        found.runs.append(Run(text, look.height, look.struck))


def _item(item: Element, look: Look, found: ParagraphText, way: _Way, depth: int) -> None:
    name = local(item)
    if name in BLANKS:
        found.runs.append(Run(_blank(item, name)))
    elif name in DRAWINGS and name != "control":
        found.drawings.append(item)
    elif name in WRITERS:
        WRITERS[name](item, look, found, way)
    elif name and name not in NOT_TEXT:
        _say(_fieldmark(item) if name in FIELD_MARKS else "", look, found)
        _inside(item, _look_of(item, name, look, way), found, way, depth)


def _look_of(item: Element, name: str, look: Look, way: _Way) -> Look:
    if name == "span":
        return way.styles.look("text", attribute(item, "style-name"), look)
    return Look(hidden=True) if name in HIDDEN_FIELDS and attribute(item, "is-hidden") == "true" else look


def _comment(item: Element, _look: Look, found: ParagraphText, way: _Way) -> None:
    parts = (all_text(part, way.styles, way.controls) for part in item if local(part) in {"p", "list"})
    if text := " ".join(part.text for part in parts if part.text):
        found.notes.append(Note("", f"[Comment: {text}]"))


def _control(item: Element, look: Look, found: ParagraphText, way: _Way) -> None:
    _say(f" {way.controls.get(attribute(item, 'control') or '', '')} ", look, found)


def _ruby(item: Element, look: Look, found: ParagraphText, _way: _Way) -> None:
    """The text with its reading in brackets."""
    base, reading = ("".join(part.itertext()) if part is not None else "" for part in map(partial(child, item), RUBY))
    _say(f"{base}({reading})" if reading else base, look, found)


def _fieldmark(item: Element) -> str:
    """A form field of Word's as LibreOffice keeps it."""
    values = [(attribute(one, "name") or "", attribute(one, "value") or "") for one in item if local(one) == "param"]
    given, kind = dict(values), (attribute(item, "type") or "").rpartition(".")[2]
    if kind == "FORMCHECKBOX":
        return f"{CHECKED if given.get('Checkbox_Checked') == 'true' else UNCHECKED} "
    entries = [value for name, value in values if name == "Dropdown_ListEntry"]
    chosen = given.get("Dropdown_Selected", "")
    return entries[int(chosen)] if chosen.isdigit() and int(chosen) < len(entries) else ""


def _blank(item: Element, name: str) -> str:
    if name == "s":
        count = attribute(item, "c") or "1"
        return " " * min(int(count) if count.isdigit() else 1, MAX_SPACES)
    return {"tab": "\t", "line-break": "\n"}.get(name, RENDERED_BREAK)


def _note(item: Element, _look: Look, found: ParagraphText, way: _Way) -> None:
    citation, body = child(item, "note-citation"), child(item, "note-body")
    label = "".join(citation.itertext()).strip() if citation is not None else ""
    mark = f"[^{'e' if attribute(item, 'note-class') == 'endnote' else ''}{label}]"
    found.runs.append(Run(mark))
    if body is not None:
        said = all_text(body, way.styles, way.controls)
        found.notes += [Note(mark, f"{mark}: {said.text}"), *said.notes]
        found.drawings += said.drawings
        found.hidden += said.hidden


WRITERS = {"note": _note, "annotation": _comment, "control": _control, "ruby": _ruby}
"""What becomes of elements that are no running text."""


def take_out_deletions(root: Element) -> None:
    """Moves text that is deleted, and still stands in its place, to the list of changes, as most programs write it.

    So LibreOffice writes deletions that it shows (6.6.5: what lies between the two ends of a change).
    """
    regions: dict[str, Element] = {}
    for region in root.iter("{*}changed-region"):
        if (deletion := child(region, "deletion")) is not None:
            regions[attribute(region, "id") or ""] = deletion
    starts = [item for item in root.iter("{*}change-start") if attribute(item, "change-id") in regions]
    if not starts:
        return
    for key, pieces in _taken(root, regions).items():
        words = new_element(starts[0], "p")
        words.text = "".join(pieces)
        regions[key].append(words)


def _taken(root: Element, regions: Container[str]) -> dict[str, list[str]]:
    """Takes the text out that stands between the ends of changes, by their ids."""
    open_: list[str] = []
    texts: dict[str, list[str]] = {}
    for event, item, _ in walked(root):
        key = attribute(item, "change-id") or ""
        if event == "start" and local(item) == "change-start" and key in regions:
            open_.append(key)
        elif event == "start" and local(item) == "change-end" and key in open_:
            open_.remove(key)
        part = "text" if event == "start" else "tail"
        if open_ and getattr(item, part):
            texts.setdefault(open_[-1], []).append(getattr(item, part))
            setattr(item, part, None)
    return texts


def controls_of(root: Element) -> dict[str, str]:
    """What the form controls of a file show, by their ids (ODF 1.3 part 3, 13)."""
    return dict(_controls(root))


def _controls(root: Element) -> Iterator[tuple[str, str]]:
    for item in root.iter():
        key = attribute(item, "id") if local(item) else None
        kind = local(item)
        if key is None:
            continue
        if kind in {"checkbox", "radio"}:
            state = attribute(item, "current-state" if kind == "checkbox" else "current-selected")
            state = state or attribute(item, "state" if kind == "checkbox" else "selected") or ""
            sign = CHECKED if state in {"checked", "true"} else UNCHECKED
            yield key, f"{sign} {attribute(item, 'label') or ''}".strip()
        elif kind in {"text", "textarea", "formatted-text", "number", "date", "time", "combobox"}:
            yield key, attribute(item, "current-value") or attribute(item, "value") or ""
        elif kind == "listbox":
            chosen = [one for one in item if "true" in {attribute(one, "current-selected"), attribute(one, "selected")}]
            yield key, ", ".join(attribute(one, "label") or "" for one in chosen)
        elif kind == "fixed-text":
            yield key, attribute(item, "label") or ""
