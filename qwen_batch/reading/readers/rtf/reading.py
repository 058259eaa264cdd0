"""What the walk through an RTF file and its destinations share: the group at hand, and where text goes."""

from __future__ import annotations

from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.readers.rtf.blocks import Blocks
from qwen_batch.reading.readers.rtf.definitions import Definitions
from qwen_batch.reading.readers.rtf.state import State
from qwen_batch.reading.readers.rtf.story import NoteNumbers


class Reading:
    """An RTF file while it is read; `state` is that of the group at hand, `collected` the text of a short one."""

    def __init__(self, writer: PageWriter) -> None:
        self.state = State()
        self.blocks = Blocks(writer)
        self.notes = NoteNumbers()
        self.defined = Definitions()
        self.pictures: dict[str, bytes] = {}
        self.default_font: int | None = None
        self.collected = ""
        self.field_code = ""

    def text(self, text: str) -> None:
        """Text in the place where the group puts it."""
        place = self.state.place
        if place == "text":
            self.blocks.text(text, self.state, self.state.unseen(self.defined.whites) if text.strip() else None)
        elif place == "collect":
            self.collected += text
        elif place == "instruction":
            self.field_code += text
        elif place == "math":
            self.state.node.text = (self.state.node.text or "") + text
        elif place == "fonts":
            self.defined.font_text(text)
        elif place == "colours":
            self.defined.colour_text(text)
        elif place == "styles":
            self.defined.style_text(text)
