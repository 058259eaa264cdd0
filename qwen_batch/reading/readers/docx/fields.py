"""Fields of a Word file: which text is their code, which their result, and what form fields are filled with.

A field may stand in another one's code, whatever text it holds is part of that code (ECMA-376 part 1, 17.16).
"""

from __future__ import annotations

from dataclasses import dataclass

from qwen_batch.reading.parts.inline.field_codes import field_code_to_text
from qwen_batch.reading.parts.ooxml import attribute, child, is_on, local, value_of
from qwen_batch.reading.parts.xml import Element


@dataclass(slots=True)
class _Open:
    """A field that has begun; `answered` if something stands for it."""

    in_code: bool = True
    code: str = ""
    answered: bool = False


class Fields:
    """The fields that are open while the text of one part of a file is read in order."""

    def __init__(self, story: Element | None) -> None:
        self._open: list[_Open] = []
        # A code without an end would swallow all that follows
        self._balanced = story is not None and _is_balanced(story)

    @property
    def shown(self) -> bool:
        """Whether text that stands here is shown: it is in no field's code."""
        return not any(one.in_code for one in self._open)

    def mark(self, field_mark: Element) -> str:
        """Goes on over the beginning, the middle or the end of a field; gives the text that a form field shows."""
        kind = attribute(field_mark, "fldCharType")
        if kind == "begin":
            text = form_field_text(child(field_mark, "ffData")) if self.shown else ""
            self._open.append(_Open(answered=bool(text)))
            return text
        if kind == "separate" and self._open:
            self._open[-1].in_code = False
        elif kind == "end" and self._open:
            field = self._open.pop()
            return "" if field.answered or not self.shown else field_code_to_text(field.code)
        return ""

    def code(self, text: str) -> None:
        """Takes a piece of a field's code."""
        if self._open and self._open[-1].in_code:
            self._open[-1].code += text

    def answer(self) -> None:
        """Notes that the fields that are open have a result."""
        for one in self._open:
            one.answered = one.answered or not one.in_code

    def end_paragraph(self) -> None:
        """Forgets fields that never end."""
        if not self._balanced:
            self._open.clear()


def form_field_text(data: Element | None) -> str:
    """A check box as a box, a drop-down list as what is chosen."""
    box, choices = child(data, "checkBox"), child(data, "ddList")
    if box is not None:
        return "☒ " if is_on(box, "checked" if child(box, "checked") is not None else "default") else "☐ "
    if choices is not None:
        entries = [attribute(item, "val") or "" for item in choices if local(item) == "listEntry"]
        chosen = value_of(choices, "result") or value_of(choices, "default") or "0"
        return entries[int(chosen)] if chosen.isdigit() and int(chosen) < len(entries) else ""
    return ""


def _is_balanced(story: Element) -> bool:
    kinds = [attribute(item, "fldCharType") for item in story.iter("{*}fldChar")]
    return kinds.count("begin") == kinds.count("end")
