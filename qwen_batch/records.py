"""The values that cross stage boundaries: frozen, slotted, picklable, without behaviour of their own.

Lengths on a page are in points (1/72 inch) with the origin at the top left corner. Pages count from
1, characters from 0, spans are half open. Confidences and scores are between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypedDict

MatchKind = Literal["exact", "normalised", "fuzzy", "none", "corrected", "computed"]
HiddenKind = Literal[
    "layer",  # a layer of a PDF that is switched off
    "covered",  # under a filled shape or a picture
    "clipped",  # outside of the page or of what is cut out
    "white",  # in the colour of what lies under it
    "tiny",
    "transparent",  # no colour, no opacity, the render mode "invisible"
    "field",  # a form field or annotation that is not shown
    "deleted",  # a tracked deletion
    "sheet",
    "row",
    "column",
    "slide",
    "shape",
    "run",  # characters or paragraphs that are formatted as hidden
    "html",  # what a browser does not show
]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page in points: left, top, right, bottom."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Word:
    """One word; `confidence` is the OCR engine's, None for text that was never an image."""

    text: str
    box: Box
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `words` is empty where the reader has not computed word boxes.

    `kind` is "table" for a line of a table in Markdown, "header" or "footer" where the file itself says so (a Word
    file's header), else "text". After OCR `box` is in the frame of the page as it was turned and straightened, so that
    lines lie level; the boxes of `words` are on the page as it is displayed. `place` says where a sheet has a row's
    cells: "Prices!12:A,C" are A12 and C12 of the sheet Prices. `number` is the line's in a file of plain text,
    counted from 1, and 0 in all others.
    """

    text: str
    box: Box
    words: tuple[Word, ...] = ()
    kind: Literal["text", "table", "header", "footer"] = "text"
    place: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One input: `id` is the sha256 of its bytes in hex, `size` is in bytes.

    `archive` is the URI of the file that a member of an archive is packed in, "" for a file of its own. A member that
    cannot be unpacked has an `id` made of its name.
    """

    id: str
    uri: str
    mime: str
    size: int
    archive: str = ""


@dataclass(frozen=True, slots=True)
class HiddenText:
    """Words of a page that nobody who looks at it sees; kept apart, and shown to no model.

    Text under a black box is not kept at all: somebody meant to take it out. Such a piece has no text.
    """

    kind: HiddenKind
    text: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a sheet: the formula of a shown cell, or the text of one whose row is hidden.

    `cell` is its address, such as "Prices!C12"; the formula is without its equals sign. No prompt shows either.
    """

    cell: str
    formula: str = ""
    hidden: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as read. `needs_ocr` is why it has to go through OCR, None if it has good text.

    After OCR `lines` holds the recognised text, `needs_ocr` still says why and `ocr_confidence`
    is the mean over its words, weighted by their length. `rotation` is by how many degrees clockwise (0, 90, 180, 270)
    the page was turned to stand upright, `skew` the small angle, in degrees, that was taken out after that.
    `hidden` is in no line. `warnings` name what was left out or is in doubt, by kind and number, never by its words.
    `behind` is what a sheet has behind its cells.
    """

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    needs_ocr: str | None = None
    ocr_done: bool = False
    ocr_confidence: float | None = None
    rotation: int = 0
    skew: float = 0.0
    warnings: tuple[str, ...] = ()
    hidden: tuple[HiddenText, ...] = ()
    behind: tuple[Behind, ...] = ()


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A line that was left out of the clean text, and why.

    `reason` is "header", "footer", "page_number", "watermark", "line_number" or "caption".
    """

    page: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class LineSpan:
    """Where a line stands: characters [start, end) of the clean text, box and words on its page, `place` in a sheet.

    `number` is its own in a file of plain text, 0 in others.
    """

    start: int
    end: int
    page: int
    box: Box
    words: tuple[Word, ...] = ()
    place: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class CleanDocument:
    """A document's text after trimming, with the way back to pages and boxes.

    `lines` is sorted by `start`; `language` is an ISO 639-1 code or "und". From `facts_at` on the text shows once what
    only trimmed heads and feet of pages say, under a heading; None if they say nothing of their own. `behind` is what
    the sheets have behind their cells.
    """

    document: Document
    text: str
    lines: tuple[LineSpan, ...]
    trimmed: tuple[Trimmed, ...]
    language: str
    pages: int
    ocr_pages: int
    ocr_confidence: float | None
    warnings: tuple[str, ...] = ()
    facts_at: int | None = None
    behind: tuple[Behind, ...] = ()


@dataclass(frozen=True, slots=True)
class PageText:
    """One page's text: `text` after cleaning, `raw_text` all its lines as they were read."""

    number: int
    text: str
    raw_text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage that a prompt shows: characters [start, end) of the clean text, below `label` if it has one.

    `lead` are characters that are shown above it, such as the head rows of its table; (0, 0) for none. `fields` are
    those of the job that it was chosen for.
    """

    start: int
    end: int
    label: str = ""
    lead: tuple[int, int] = (0, 0)
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a clean document: characters [start, end) of its text, `index` of `count`.

    `headings` are those that its beginning stands under, outermost first; its own are in the text. `withheld` are
    characters [start, end) of this text that no prompt shows. With `passages` a prompt shows these and no more of it.
    `second` marks a second reading: fewer passages of what another prompt is asked too. `alone` marks a passage whose
    answer is put in its place and not merged; its text may have marks of Markdown that the clean text has not.
    """

    text: str
    start: int
    end: int
    index: int = 0
    count: int = 1
    headings: tuple[str, ...] = ()
    withheld: tuple[tuple[int, int], ...] = ()
    passages: tuple[Shown, ...] = ()
    second: bool = False
    alone: bool = False

    def shows(self, start: int, end: int) -> bool:
        """Whether a prompt shows something of characters [start, end) of the clean text; without passages all of it."""
        spans = [span for one in self.passages for span in ((one.start, one.end), one.lead)]
        return not spans or any(first < end and start < last for first, last in spans)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to the engine: chat messages, and the JSON schema that the answer must follow.

    Without a schema the answer is `max_tokens` tokens of anything, which is how an engine's speed is measured.
    `token_ids` is the prompt as the model's own tokenizer and chat template render it. `left_out` are lists of the job
    that it does not ask for, as code takes them from a table. `terms` are those of its passage, with what the model has
    chosen to call them.
    """

    doc_id: str
    job: str
    chunk: Chunk
    messages: tuple[tuple[str, str], ...]
    token_ids: tuple[int, ...]
    json_schema: str | None
    temperature: float
    top_p: float
    max_tokens: int
    left_out: tuple[str, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """What the engine answered; `logprobs` has one value a generated token, natural logarithm.

    `token_texts` are the same tokens as text, so that a value's tokens can be found.
    `error` is set, and the text empty, when the engine refused or lost this one prompt.
    """

    text: str
    finish_reason: str
    prompt_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    token_texts: tuple[str, ...] = ()
    logprobs: tuple[float, ...] = ()
    error: str | None = None


class Tokens(TypedDict):
    """What calls cost: tokens read, those written, and those read that were found in the prefix cache."""

    prompt_tokens: int
    output_tokens: int
    cached_tokens: int


class Paid(Protocol):
    """What has a cost of its own: a completion, an answer, a try."""

    @property
    def prompt_tokens(self) -> int:
        """Tokens read."""

    @property
    def output_tokens(self) -> int:
        """Tokens written."""

    @property
    def cached_tokens(self) -> int:
        """Tokens found in the prefix cache."""


def tokens_of(paid: Iterable[Paid]) -> Tokens:
    """The sums over all of these."""
    each = list(paid)
    return Tokens(
        prompt_tokens=sum(one.prompt_tokens for one in each),
        output_tokens=sum(one.output_tokens for one in each),
        cached_tokens=sum(one.cached_tokens for one in each),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """One chunk's answer after validation: `result` is the job's schema as JSON-like data.

    `parts` holds the answers to the halves of a chunk whose answer was too long for one: they say what it says, and
    `result` and `completion` are then those of the first. `checks` holds for top-level fields the probability that the
    model gave their value when it was asked whether it is right. `unfinished` are fields that it was cut off in or
    before. `asked_again` says for each try before this one which limits its texts broke, `lacking` which terms they do
    not keep to. Tokens are sums over all attempts, halves and checks.
    """

    chunk: Chunk
    result: dict[str, Any]
    completion: Completion
    attempts: int
    prompt_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    parts: tuple[Answer, ...] = ()
    checks: Mapping[str, float] = field(default_factory=dict)
    unfinished: tuple[str, ...] = ()
    asked_again: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
