"""Reads e-mail (eml, mht, msg): headers and text on the first page, then the pages of each attachment that can be read.

An attachment is read by the reader of its content, from a temporary file; one that cannot be read is a warning on the
page of its message, which stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.encoding import head_to_text
from qwen_batch.reading.parts.files import bytes_as_file
from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.ole import ole_kind
from qwen_batch.reading.parts.reader import SNIFF_BYTES, Reader, Unreadable, check_page_count, reader_for, sniff_mime
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.readers.eml.message import Attachment, Mail, bytes_to_mails
from qwen_batch.reading.readers.eml.msg import MIME as MSG
from qwen_batch.reading.readers.eml.msg import msg_to_mail
from qwen_batch.reading.readers.eml.tnef import TNEF_MAGIC
from qwen_batch.reading.readers.html.walk import html_to_writer
from qwen_batch.reading.readers.image import MIN_PICTURE_PIXELS, picture_pixels
from qwen_batch.records import Line, Page

if TYPE_CHECKING:
    from PIL.Image import Image

MIME = "message/rfc822"
MAX_DEPTH = 5
"""Messages forwarded within messages are read so deep."""
MAX_ATTACHMENTS = 200
MIN_KNOWN_FIELDS = 2

_FIELD = re.compile(r"([!-9;-~]+):")
_POSTAL = frozenset(("from", "to", "cc", "subject", "date", "sender", "reply-to"))
_TECHNICAL = frozenset(
    (
        "mime-version",
        "message-id",
        "received",
        "return-path",
        "content-type",
        "delivered-to",
        "x-mailer",
        "dkim-signature",
    )
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a page comes from: the page `number` of an attachment of kind `mime`."""

    attachment: Attachment
    mime: str
    number: int


@dataclass(slots=True)
class Reading:
    """The pages so far, and for each of them the attachment it comes from, None for a message's own text."""

    settings: ReadSettings
    pages: list[Page] = field(default_factory=list)
    sources: list[Source | None] = field(default_factory=list)
    attachments: int = 0

    def add(self, page: Page, source: Source | None) -> None:
        """Appends a page under its number in the whole message."""
        self.pages.append(replace(page, number=len(self.pages) + 1))
        self.sources.append(source)
        check_page_count(len(self.pages), self.settings)

    def warn(self, index: int, warning: str) -> None:
        """A warning on one of the pages."""
        self.pages[index] = replace(self.pages[index], warnings=(*self.pages[index].warnings, warning))


def sniff(head: bytes, path: Path) -> str | None:
    """message/rfc822, if the file begins with header fields, one of which only mail programs write; Outlook's type."""
    if ole_kind(head, path) == "msg":
        return MSG
    text = head_to_text(head)
    if text is None:
        return None
    names = set()
    for line in text.lstrip().splitlines():
        found = _FIELD.match(line)
        if found:
            names.add(found[1].lower())
        elif not line.strip():
            break
        elif not line[0].isspace() and not line.startswith("From "):
            return None
    known = names & (_POSTAL | _TECHNICAL)
    return MIME if len(known) >= MIN_KNOWN_FIELDS and names & _TECHNICAL else None


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """The message's page, then the pages of its attachments in their order."""
    return tuple(_reading(path, settings).pages)


def render(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:
    """The image of a page that comes from an attachment."""
    source = _reading(path, settings).sources[page_number - 1]
    if source is None:
        raise Unreadable("unsupported", "The text of a message has no page images.", page_number)
    with bytes_as_file(source.attachment.data, source.attachment.name) as file:
        return reader_for(source.mime).render(file, source.number, dpi, settings)


def _reading(path: Path, settings: ReadSettings) -> Reading:
    state = path.stat()
    return _kept_reading(path, state.st_mtime_ns, state.st_size, settings)


@lru_cache(maxsize=1)
def _kept_reading(path: Path, _modified: int, _size: int, settings: ReadSettings) -> Reading:
    """A message as read, kept until the next one: OCR asks for its pages one by one."""
    reading = Reading(settings)
    for mail in _mails(path):
        _add_message(reading, mail, None, depth=0)
    return reading


def _mails(path: Path) -> tuple[Mail, ...]:
    with path.open("rb") as file:
        head = file.read(SNIFF_BYTES)
    return (msg_to_mail(path),) if ole_kind(head, path) == "msg" else bytes_to_mails(path.read_bytes())


def _add_message(reading: Reading, mail: Mail, name: str | None, depth: int) -> None:
    at = len(reading.pages)
    for page in _message_pages(mail, name, reading.settings):
        reading.add(page, None)
    for attachment in mail.attachments:
        reading.attachments += 1
        if reading.attachments > MAX_ATTACHMENTS:
            reading.warn(at, f"attachments after the first {MAX_ATTACHMENTS} were left out: save them as files")
            return
        try:
            _add_attachment(reading, attachment, depth)
        except Unreadable as error:
            if error.code == "too_many_pages":
                raise
            reading.warn(at, f"attachment {attachment.name!r} was left out: {error.message}")


def _message_pages(mail: Mail, name: str | None, settings: ReadSettings) -> tuple[Page, ...]:
    writer = PageWriter(settings)
    if name is not None:
        writer.paragraph(f"Attachment: {name}")
    writer.paragraph("\n".join(mail.headers))
    for warning in mail.warnings:
        writer.warn(warning)
    for body in mail.bodies:
        if body.is_html:
            html_to_writer(body.text, writer, partial(_sheet, mail, body.address))
        else:
            writer.preformatted(body.text)
    if mail.attachments:
        writer.paragraph("Attachments: " + ", ".join(attachment.name for attachment in mail.attachments))
    return writer.pages()


def _sheet(mail: Mail, base: str, href: str) -> str | None:
    """The style sheet that a saved page at an address refers to."""
    try:
        return mail.sheets.get(href) or mail.sheets.get(urljoin(base, href))
    except ValueError:  # no address at all
        return None


def _add_attachment(reading: Reading, attachment: Attachment, depth: int) -> None:
    """Appends an attachment's pages. Raises Unreadable if it cannot be read."""
    if attachment.mail is not None:
        _add_inner(reading, (attachment.mail,), attachment.name, depth)
        return
    if not attachment.data:
        raise Unreadable("empty_file", "it holds no bytes.")
    with bytes_as_file(attachment.data, attachment.name) as file:
        packed = attachment.data.startswith(TNEF_MAGIC)
        mime = MIME if attachment.is_message or packed else sniff_mime(file)
        if attachment.inline and mime.startswith("image/") and picture_pixels(attachment.data) < MIN_PICTURE_PIXELS:
            return
        if mime in {MIME, MSG}:
            _add_inner(reading, _mails(file), attachment.name, depth)
            return
        try:
            pages = reader_for(mime).read(file, reading.settings)
        except (Unreadable, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - a parser's bug on one attachment must not cost the message
            raise Unreadable("damaged", f"it cannot be read ({type(error).__name__}: {error}).") from None
    heading = Line(f"Attachment: {attachment.name}", NO_BOX), Line("", NO_BOX)
    for page in pages:
        # On a page that goes through OCR the line would be lost; the message's page names all attachments anyway.
        first = page.number == 1 and page.needs_ocr is None
        lines = (Line("", NO_BOX), *heading, *page.lines) if first else page.lines
        reading.add(replace(page, lines=lines), Source(attachment, mime, page.number))


def _add_inner(reading: Reading, mails: Sequence[Mail], name: str, depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise Unreadable("too_large", "messages are nested too deeply: save it as a file of its own.")
    for mail in mails:
        _add_message(reading, mail, name, depth + 1)


READER: Reader = Reader(
    "eml",
    (MIME, MSG),
    sniff,
    read,
    render,
    sniff_order=10,
    packages=("lxml", "cssselect", "pillow", "python-oxmsg", "olefile"),
)
