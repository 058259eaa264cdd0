"""The footnotes, endnotes and comments of a Word file, under the numbers that Word shows (ECMA-376 part 1, 17.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qwen_batch.reading.parts.inline.numbers import number_text
from qwen_batch.reading.parts.ooxml import attribute, child, is_on, local, value_of
from qwen_batch.reading.parts.xml import Element

NoteKind = Literal["footnote", "endnote", "comment"]
NOTE_KINDS: dict[str, NoteKind] = {
    "footnoteReference": "footnote",
    "endnoteReference": "endnote",
    "commentReference": "comment",
}
DEFAULT_FORMS = {"footnote": "decimal", "endnote": "lowerRoman"}


@dataclass(frozen=True, slots=True)
class NoteMark:
    """A reference to a note by its id; `label` is what stands in the text for it, "" for none."""

    kind: NoteKind
    id: str
    label: str


class Notes:
    """Counts notes in the order of their references. Comments have no number and leave no mark."""

    def __init__(
        self,
        parts: Mapping[NoteKind, Mapping[str, Element]],
        settings: Element | None = None,
        sections: Sequence[Element] = (),
    ) -> None:
        self._parts = parts
        self._settings = settings
        self._sections = sections
        self._section = 0
        self._counts: dict[str, int] = {}

    def refer(self, reference: Element) -> NoteMark:
        """The mark of a reference; one that has a mark of its own, such as an asterisk, gets no number."""
        kind = NOTE_KINDS[local(reference)]
        own = (attribute(reference, "customMarkFollows") or "0").lower() in {"1", "true", "on"}
        label = "" if kind == "comment" or own else self._next_label(kind)
        return NoteMark(kind, attribute(reference, "id") or "", label)

    def note(self, mark: NoteMark) -> Element | None:
        """The note that a mark refers to, None if the file lacks it."""
        return self._parts.get(mark.kind, {}).get(mark.id)

    def end_section(self) -> None:
        """Goes on to the next section, in which notes may be counted anew."""
        self._section += 1
        for kind in DEFAULT_FORMS:
            if self._said(kind, "numRestart") == "eachSect":
                self._counts.pop(kind, None)

    def _next_label(self, kind: NoteKind) -> str:
        start = self._said(kind, "numStart") or "1"
        first = int(start) if start.isdigit() else 1
        self._counts[kind] = self._counts.get(kind, first - 1) + 1
        forms = {name: self._said(name, "numFmt") or form for name, form in DEFAULT_FORMS.items()}
        apart = "e" if kind == "endnote" and forms["endnote"] == forms["footnote"] else ""
        return f"[^{apart}{number_text(self._counts[kind], forms[kind])}]"

    def _said(self, kind: str, name: str) -> str | None:
        section = self._sections[min(self._section, len(self._sections) - 1)] if self._sections else None
        return value_of(section, f"{kind}Pr", name) or value_of(self._settings, f"{kind}Pr", name)


def comment_text(note: Element, text: str) -> str:
    """A comment with who wrote it, and whether it has been dealt with."""
    return f"[Comment by {attribute(note, 'author') or 'unknown'}: {text}]"


def is_deleted_mark(paragraph: Element) -> bool:
    """Whether the end of a paragraph is deleted or hidden, so that the next one goes on in the same line."""
    mark = child(paragraph, "pPr", "rPr")
    names = {local(item) for item in mark} if mark is not None else set()
    return bool(names & {"del", "moveFrom"}) or (mark is not None and is_on(mark, "vanish"))
