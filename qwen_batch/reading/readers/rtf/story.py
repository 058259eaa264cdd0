"""The texts that an RTF file holds beside each other: the body, and notes, headers and text boxes within it."""

from __future__ import annotations

from dataclasses import dataclass, field

from qwen_batch.reading.parts.inline.numbers import number_text
from qwen_batch.reading.parts.marks import Run, runs_to_text

NOTE_FORMS = {"ar": "decimal", "alc": "lowerLetter", "auc": "upperLetter", "rlc": "lowerRoman", "ruc": "upperRoman"}
"""By the ends of the control words that choose them, such as `\\ftnnrlc`."""


@dataclass(slots=True)
class Story:
    """The paragraph at hand as runs, and the paragraphs before it; `numbered` if its mark is counted by the program."""

    runs: list[Run] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    marker: str = ""
    numbered: bool = False
    is_endnote: bool = False

    def take(self) -> str:
        """The text of the paragraph at hand, which ends."""
        text = runs_to_text(self.runs)
        self.runs = []
        return text

    def end_paragraph(self) -> None:
        """Ends the paragraph at hand, with its number."""
        self.paragraphs.append(f"{self.marker} {self.take()}" if self.marker else self.take())
        self.marker = ""

    def end(self) -> list[str]:
        """All paragraphs with text."""
        self.end_paragraph()
        return [" ".join(text.split()) for text in self.paragraphs if text.strip()]


@dataclass(slots=True)
class NoteNumbers:
    """Counts footnotes and endnotes as they are shown."""

    forms: dict[bool, str] = field(default_factory=lambda: {False: "decimal", True: "decimal"})
    starts: dict[bool, int] = field(default_factory=lambda: {False: 1, True: 1})
    counts: dict[bool, int] = field(default_factory=dict)

    def word(self, word: str, number: int | None) -> bool:
        """Takes a control word that says how notes are numbered; False if it is none."""
        endnote = word.startswith("a")
        name = word.removeprefix("a")
        if not name.startswith("ftn"):
            return False
        if name == "ftnstart" and number is not None:
            self.starts[endnote] = number
        elif name.startswith("ftnn") and name[4:] in NOTE_FORMS:
            self.forms[endnote] = NOTE_FORMS[name[4:]]
        else:
            return False
        return True

    def label(self, *, endnote: bool) -> str:
        """The label of the next note."""
        self.counts[endnote] = self.counts.get(endnote, self.starts[endnote] - 1) + 1
        apart = "e" if endnote and self.forms[True] == self.forms[False] else ""
        return f"[^{apart}{number_text(self.counts[endnote], self.forms[endnote])}]"


@dataclass(slots=True)
class Section:
    """The headers and footers of a section, by their control words; `first` if its first page has its own."""

    strips: dict[str, list[str]] = field(default_factory=dict)
    first: bool = False
