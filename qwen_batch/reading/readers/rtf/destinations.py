"""The destinations of RTF: groups whose text is no running text, and where it goes instead."""

from __future__ import annotations

import copy
from collections.abc import Callable
from xml.etree.ElementTree import Element as Node

from qwen_batch.reading.parts.inline.field_codes import field_code_to_text
from qwen_batch.reading.parts.inline.formulas import formula_to_text
from qwen_batch.reading.parts.marks import Run
from qwen_batch.reading.readers.rtf.definitions import NO_NAMES
from qwen_batch.reading.readers.rtf.reading import Reading
from qwen_batch.reading.readers.rtf.story import Story

STRIPS = frozenset(("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"))
SKIPPED = frozenset(
    (
        *("info", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "themedata"),
        *("colorschememapping", "datastore", "latentstyles", "xmlnstbl", "filetbl", "nonshppict", "objdata"),
        *("shprslt", "bkmkstart", "bkmkend", "datafield", "template", "private", "pn", "mmathPr", "mmathPict", "xe"),
        *("tc", "tcn", "rxe", "txe", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "background"),
    )
)
"""Lists, properties, copies for old programs, entries of an index."""
STARRED_TEXT = frozenset(("shppict", "moMathPara", "nesttableprops", "objemph", "ud", "pnseclvl"))
"""Destinations of newer programs whose text is running text."""
PICTURES = {"pngblip": ".png", "jpegblip": ".jpg", "emfblip": ".emf", "wmetafile": ".wmf", "macpict": ".pct"}
OBJECT = "an embedded file ({name}) on this page was not read: only its picture is shown"
CHECK_BOX, DROP_DOWN, UNDEFINED = 1, 2, 25
"""Kinds of form fields, and the result of one that has never been touched."""
MATH_VALUES = frozenset(("chr", "begChr", "endChr", "sepChr", "type"))
UNICODE = frozenset(("u", "uc"))
OWN_WORDS = frozenset(("fonts", "colours", "styles", "picture", "form", "instruction", "alternatives"))
"""Places whose control words mean nothing elsewhere."""


class Destinations:
    """Enters destinations for a walk and does at their ends what they are for."""

    def __init__(self, walk: Reading) -> None:
        self._walk = walk
        self._picture: list[bytes] = []
        self._suffix = ""
        self._form: dict[str, int] = {}
        self._choices: list[str] = []
        self._answered = False
        self._author = ""

    def picture_data(self, data: bytes) -> None:
        """Takes some more hexadecimal digits of the picture at hand."""
        self._picture.append(data)

    def enter(self, word: str, number: int | None, *, starred: bool) -> bool:
        """Takes a control word that begins a destination, or belongs to one; False for one of running text."""
        place = self._walk.state.place
        if place == "skip":
            return False
        within = getattr(self, f"_in_{place}", None)
        if within is not None and within(word, number):
            return True
        if place not in {"text", "shape"}:
            return place in OWN_WORDS and word not in UNICODE
        begin = _BEGINNINGS.get(word)
        if begin is not None and (place == "text" or word in IN_SHAPES):
            begin(self)
        elif word in STRIPS and place == "text":
            self._story(lambda story: self._end_strip(word, story))
        elif word in SKIPPED or (starred and word not in STARRED_TEXT):
            self._walk.state.place = "skip"
        else:
            return place == "shape"
        return True

    # --- Words within destinations ---

    def _in_fonts(self, word: str, number: int | None) -> bool:
        if word in NO_NAMES:
            self._walk.state.place = "skip"
        self._walk.defined.font_word(word, number)
        return word not in UNICODE

    def _in_colours(self, word: str, number: int | None) -> bool:
        self._walk.defined.colour_word(word, number)
        return True

    def _in_styles(self, word: str, number: int | None) -> bool:
        self._walk.defined.style_word(word, number)
        return word not in UNICODE

    def _in_picture(self, word: str, _: int | None) -> bool:
        if word in PICTURES:
            self._suffix = PICTURES[word]
        elif word in {"blipuid", "blipupi", "picprop"}:
            self._walk.state.place = "skip"
        return True

    def _in_instruction(self, word: str, _: int | None) -> bool:
        if word == "formfield":
            self._form, self._choices = {}, []
            self._begin("form", self._end_form)
        return word not in UNICODE

    def _in_form(self, word: str, number: int | None) -> bool:
        if word == "ffl":
            self._collect(self._choices.append)
        elif word.startswith("ff") and number is not None:
            self._form[word] = number
        elif word in {"ffname", "ffdeftext", "ffformat", "ffhelptext", "ffstattext", "ffentrymcr", "ffexitmcr"}:
            self._walk.state.place = "skip"
        return True

    def _in_alternatives(self, word: str, _: int | None) -> bool:
        if word == "ud":
            self._walk.state.place = "text"
        return True

    def _in_math(self, word: str, _: int | None) -> bool:
        if not word.startswith("m") or word in {"mnor", "mlit"}:
            return False
        if word == "mmathPict":
            self._walk.state.place = "skip"
            return True
        name = word[1:]
        parent = self._walk.state.node
        node = Node(name)
        parent.append(node)
        self._walk.state.node = node
        if name in MATH_VALUES:
            self._walk.state.on_close = lambda: node.set("val", (node.text or "").strip())
        return True

    # --- Beginnings and ends ---

    def _begin(self, place: str, on_close: Callable[[], None] | None = None) -> None:
        self._walk.state.place = place  # type: ignore[assignment]
        self._walk.state.on_close = on_close

    def _collect(self, take: Callable[[str], None]) -> None:
        self._walk.collected = ""
        self._begin("collect", lambda: take(" ".join(self._walk.collected.split())))

    def _story(self, end: Callable[[Story], None]) -> None:
        """A text of its own, within the text at hand."""
        self._walk.blocks.stories.append(Story())
        state = self._walk.state
        state.place = "text"
        state.plain(self._walk.default_font)
        state.paragraph()

        def close() -> None:
            end(self._walk.blocks.stories.pop())

        state.on_close = close

    def _note(self) -> None:
        """A footnote or an endnote; one whose mark the author wrote has no number, one that is not shown neither."""
        blocks, outside = self._walk.blocks, copy.copy(self._walk.state)
        numbered, blocks.stories[-1].numbered = blocks.stories[-1].numbered, False

        def end(story: Story) -> None:
            text = " ".join(story.end())
            if outside.deleted or outside.hidden:
                blocks.text(f" {text}", outside)
                return
            label = self._walk.notes.label(endnote=story.is_endnote) if numbered or story.numbered else ""
            if label:
                blocks.stories[-1].runs.append(Run(label))
            blocks.follow(f"{label}: {text}" if label and text else text)

        self._story(end)

    def _box(self) -> None:
        self._story(lambda story: self._walk.blocks.follow(*story.end()))

    def _comment(self) -> None:
        author = self._author or "unknown"
        self._story(lambda story: self._walk.blocks.follow(f"[Comment by {author}: {' '.join(story.end())}]"))

    def _end_strip(self, word: str, story: Story) -> None:
        self._walk.blocks.sections[-1].strips[word] = story.end()

    def _marker(self) -> None:
        story = self._walk.blocks.stories[-1]
        self._collect(lambda text: setattr(story, "marker", text))

    def _named(self) -> None:
        self._collect(lambda text: setattr(self, "_author", text))

    def _object(self) -> None:
        self._collect(lambda name: self._walk.blocks.writer.warn(OBJECT.format(name=name or "unknown")))

    def _picture_group(self) -> None:
        self._picture, self._suffix = [], ""
        self._begin("picture", self._end_picture)

    def _end_picture(self) -> None:
        try:
            data = bytes.fromhex(b"".join(self._picture).decode("ascii", "ignore"))
        except ValueError:
            data = b""
        name = f"picture{len(self._walk.pictures) + 1}{self._suffix}"
        self._walk.pictures[name] = data
        self._walk.blocks.follow(picture=name)
        self._picture = []

    def _formula(self) -> None:
        root = Node("oMath")
        self._walk.state.node = root

        def end() -> None:
            self._walk.state.place = "text"
            self._walk.text(formula_to_text(root))

        self._begin("math", end)

    def _field_group(self) -> None:
        """A field; one without a result shows what its code says."""
        runs = self._walk.blocks.stories[-1].runs
        before, self._walk.field_code = len(runs), ""

        def end() -> None:
            code, self._walk.field_code = self._walk.field_code, ""
            here = self._walk.blocks.stories[-1].runs
            if here is runs and not any(run.text.strip() for run in runs[before:]):
                self._walk.text(field_code_to_text(code))

        self._walk.state.on_close = end

    def _field(self) -> None:
        self._answered = False
        self._begin("instruction")

    def _result(self) -> None:
        if self._answered:  # what was chosen stands there already
            self._walk.state.place = "skip"
            self._answered = False

    def _end_form(self) -> None:
        kind = self._form.get("fftype")
        result = self._form.get("ffres", UNDEFINED)
        result = self._form.get("ffdefres", 0) if result == UNDEFINED else result
        self._walk.state.place = "text"
        if kind == CHECK_BOX:
            self._answered = True
            self._walk.text("☒ " if result else "☐ ")
        elif kind == DROP_DOWN and result < len(self._choices):
            self._answered = True
            self._walk.text(self._choices[result])


_BEGINNINGS: dict[str, Callable[[Destinations], None]] = {
    "fonttbl": lambda found: found._begin("fonts"),  # noqa: SLF001
    "colortbl": lambda found: found._begin("colours"),  # noqa: SLF001
    "stylesheet": lambda found: found._begin("styles"),  # noqa: SLF001
    "pict": Destinations._picture_group,  # noqa: SLF001
    "footnote": Destinations._note,  # noqa: SLF001
    "annotation": Destinations._comment,  # noqa: SLF001
    "atnauthor": Destinations._named,  # noqa: SLF001
    "listtext": Destinations._marker,  # noqa: SLF001
    "pntext": Destinations._marker,  # noqa: SLF001
    "field": Destinations._field_group,  # noqa: SLF001
    "fldinst": Destinations._field,  # noqa: SLF001
    "fldrslt": Destinations._result,  # noqa: SLF001
    "upr": lambda found: found._begin("alternatives"),  # noqa: SLF001
    "shpinst": lambda found: found._begin("shape"),  # noqa: SLF001
    "do": lambda found: found._begin("shape"),  # noqa: SLF001
    "shptxt": Destinations._box,  # noqa: SLF001
    "dptxbxtext": Destinations._box,  # noqa: SLF001
    "objclass": Destinations._object,  # noqa: SLF001
    "moMath": Destinations._formula,  # noqa: SLF001
}
IN_SHAPES = frozenset(("shptxt", "dptxbxtext", "pict", "shpinst"))
