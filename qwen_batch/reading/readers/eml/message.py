"""The parts of an e-mail message: its headers, the text that a person reads, and what is attached (RFC 5322, 2045).

Knows nothing of how attachments are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from qwen_batch.reading.archive.container import mbox_message
from qwen_batch.reading.archive.kinds import MBOX_MAGIC, message_starts
from qwen_batch.reading.parts.encoding import UNICODE, bytes_to_text, encoding_of
from qwen_batch.reading.readers.eml.tnef import TNEF_MAGIC, Packed, tnef_to_packed
from qwen_batch.reading.readers.html.walk import html_to_text

SHOWN_HEADERS = ("From", "To", "Cc", "Bcc", "Date", "Subject")
NOT_FOR_PEOPLE = frozenset(
    (
        *("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"),
        *("text/css", "text/javascript", "application/javascript", "application/pgp-keys"),
    )
)
MIN_PLAIN_SHARE = 0.9
"""A plain variant with less of the words of the HTML variant is a stub, or lacks a table."""
STRUCK = "~~"
PACKED_IN_TEXT = frozenset(("base64", "quoted-printable"))

_WORD = re.compile(r"\w+(?:[.,:/'-]\w+)*")
_SOFT_BREAK = re.compile(r"(?<!\n--) \r?\n(?=[^>\s])")
_STUFFED = re.compile(r"^ (?=[ >]|From )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attached file; `inline` if the text shows it in place, `data` is a whole message for one that is forwarded.

    `mail` is such a message where it has no bytes of its own.
    """

    name: str
    data: bytes
    inline: bool = False
    is_message: bool = False
    mail: Mail | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """One piece of the message's text; `address` is where a saved page lay."""

    text: str
    is_html: bool
    address: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message: header lines as a mail program shows them, its text, its attachments.

    `sheets` are the style sheets of a saved page by their addresses.
    """

    headers: tuple[str, ...]
    bodies: tuple[Body, ...]
    attachments: tuple[Attachment, ...]
    warnings: tuple[str, ...] = ()
    sheets: Mapping[str, str] = field(default_factory=dict)


def bytes_to_mails(data: bytes) -> tuple[Mail, ...]:
    """The message, or all those of a mailbox."""
    if data.startswith(TNEF_MAGIC):
        return (tnef_to_mail(data),)
    starts = message_starts(data) if data.startswith(MBOX_MAGIC) else []
    if not starts:
        return (bytes_to_mail(data),)
    ends = [*starts[1:], len(data)]
    return tuple(bytes_to_mail(mbox_message(data[start:end])) for start, end in zip(starts, ends, strict=True))


def bytes_to_mail(data: bytes) -> Mail:
    """Takes a message apart; what is malformed in it is kept as it stands."""
    if encoding_of(data[:4096]) in UNICODE - {"utf-8"}:  # saved by an editor, not by a mail program
        data = (bytes_to_text(data) or "").encode("utf-8", "replace")
    message = message_from_bytes(data, policy=policy.default)
    _mend_headers(message)
    bodies: list[Body] = []
    attachments: list[Attachment] = []
    sheets: dict[str, str] = {}
    for leaf in _leaves(message):
        if _is_body(leaf):
            bodies.append(_body(leaf))
        elif leaf.get_content_type() == "text/css":
            sheets |= dict.fromkeys(_addresses(leaf), _body(leaf).text)
        elif leaf.get_content_type() not in NOT_FOR_PEOPLE:
            attachments.append(_attachment(leaf, len(attachments) + 1))
    packed = [tnef_to_packed(one.data) for one in attachments if one.data.startswith(TNEF_MAGIC)]
    attachments = [one for one in attachments if not one.data.startswith(TNEF_MAGIC)]
    attachments += [file for one in packed for file in _packed_files(one)]
    if not any(body.text.strip() for body in bodies):
        bodies += [body for one in packed for body in _packed_bodies(one)]
    headers = (f"{name}: {value}" for name in SHOWN_HEADERS if (value := _header(message, name)))
    return Mail(tuple(headers), tuple(bodies), tuple(attachments), sheets=sheets)


def tnef_to_mail(data: bytes) -> Mail:
    """A message in a message of Outlook's own format."""
    packed = tnef_to_packed(data)
    headers = (f"Subject: {packed.subject}",) if packed.subject else ()
    return Mail(headers, tuple(_packed_bodies(packed)), tuple(_packed_files(packed)))


def _packed_bodies(packed: Packed) -> Iterator[Body]:
    if packed.text.strip():
        yield Body(packed.text, is_html=False)
    elif packed.html:
        yield Body(bytes_to_text(packed.html) or "", is_html=True)


def _packed_files(packed: Packed) -> Iterator[Attachment]:
    if packed.rtf and not packed.html and not packed.text.strip():
        yield Attachment("message.rtf", packed.rtf)
    for number, file in enumerate(packed.files, start=1):
        yield Attachment(" ".join(file.name.split()) or f"file {number} of winmail.dat", file.data)


def _mend_headers(message: EmailMessage) -> None:
    """Headers that hold bytes of no encoding become UTF-8, by what the text says that it is in."""
    charset = next((found for part in message.walk() if (found := part.get_content_charset())), None)
    for part in message.walk():
        items = list(part.raw_items())
        mended = [(name, _mended(str(value), charset)) for name, value in items]
        if mended != items:
            for name in {name for name, _ in items}:
                del part[name]
            for name, value in mended:
                part.set_raw(name, value)


def _mended(value: str, charset: str | None) -> str:
    raw = value.encode("utf-8", "surrogateescape")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return (bytes_to_text(raw, charset) or "").encode("utf-8", "replace").decode("ascii", "surrogateescape")
    return value


def _header(message: EmailMessage, name: str) -> str:
    try:
        value = message.get(name)
    except Exception:  # noqa: BLE001 - the standard library's header parser has bugs on malformed ones
        value = next((raw for key, raw in message.raw_items() if key.lower() == name.lower()), None)
    return " ".join(str(value or "").encode("utf-8", "replace").decode("utf-8").split())


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that are no containers; of variants of the same text the one to read, and files of the others."""
    parts = message.get_payload()
    if not message.is_multipart() or not isinstance(parts, list) or message.get_content_type() == "message/rfc822":
        yield message
        return
    branches = [list(_leaves(cast("EmailMessage", part))) for part in parts]
    if message.get_content_type() != "multipart/alternative":
        yield from (leaf for branch in branches for leaf in branch)
        return
    chosen = _chosen(branches)
    for branch in branches:
        yield from (leaf for leaf in branch if branch is chosen or not _is_body(leaf))


def _chosen(branches: list[list[EmailMessage]]) -> list[EmailMessage] | None:
    """The variant to read: plain text, unless it lacks words or a figure of what the other shows."""
    texts = {
        kind: next((branch for branch in branches for leaf in branch if _is_body(leaf, kind)), None)
        for kind in ("text/plain", "text/html")
    }
    plain, html = texts["text/plain"], texts["text/html"]
    if plain is None or html is None:
        return plain or html
    said = {word for leaf in plain if _is_body(leaf) for word in _WORD.findall(_body(leaf).text)}
    seen = " ".join(html_to_text(_body(leaf).text) for leaf in html if _is_body(leaf))
    if STRUCK in seen:
        return html  # plain text would give it as valid
    shown = _WORD.findall(seen)
    missing = [word for word in shown if word not in said]
    tells_less = len(missing) > (1 - MIN_PLAIN_SHARE) * len(shown)
    return html if tells_less or any(char.isdigit() for word in missing for char in word) else plain


def _is_body(part: EmailMessage, *kinds: str) -> bool:
    if part.is_multipart() or _name(part) or part.get_content_disposition() == "attachment":
        return False
    return part.get_content_type() in (kinds or ("text/plain", "text/html"))


def _body(part: EmailMessage) -> Body:
    payload = part.get_payload(decode=True)
    text = bytes_to_text(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""
    if part.get_param("format") == "flowed":  # RFC 3676: a space at the end of a line means that it goes on
        space = "" if str(part.get_param("delsp")).lower() == "yes" else " "
        text = _SOFT_BREAK.sub(space, _STUFFED.sub("", text or ""))
    plain = (text or "").replace("\f", "\n").replace("\v", "\n")
    return Body(plain, part.get_content_type() == "text/html", next(iter(_addresses(part)), ""))


def _addresses(part: EmailMessage) -> list[str]:
    """The names under which the pages of a saved file refer to a part (RFC 2557)."""
    location, content_id = (str(part.get(name) or "").strip() for name in ("Content-Location", "Content-ID"))
    return [*([location] if location else []), *([f"cid:{content_id.strip('<>')}"] if content_id else [])]


def _name(part: EmailMessage) -> str:
    try:
        return part.get_filename() or ""
    except Exception:  # noqa: BLE001 - as in _header
        return "unnamed"


def _attachment(part: EmailMessage, number: int) -> Attachment:
    inline = part.get_content_disposition() != "attachment" and part.get("Content-ID") is not None
    name = " ".join(_name(part).split())
    if part.get_content_type() == "message/rfc822":
        data = _attached_message(part)
        inner = message_from_bytes(data, policy=policy.default)
        _mend_headers(inner)
        return Attachment(name or _header(inner, "Subject") or f"message {number}", data, is_message=True)
    payload = part.get_payload(decode=True)
    kind = part.get_content_type()
    return Attachment(name or f"attachment {number} ({kind})", payload if isinstance(payload, bytes) else b"", inline)


def _attached_message(part: EmailMessage) -> bytes:
    """The bytes of an attached message, which some programs encode like any file, against RFC 2046."""
    inner = part.get_payload(0)
    if not isinstance(inner, EmailMessage):
        return b""
    data = inner.as_bytes(policy=policy.compat32.clone(max_line_length=0))
    encoding = str(part.get("Content-Transfer-Encoding") or "").strip().lower()
    if encoding not in PACKED_IN_TEXT:
        return data
    holder = EmailMessage()
    holder.set_raw("Content-Transfer-Encoding", encoding)
    holder.set_raw("Content-Type", "application/octet-stream")
    holder.set_payload(data.lstrip().decode("ascii", "surrogateescape"))
    unpacked = holder.get_payload(decode=True)
    return unpacked if isinstance(unpacked, bytes) and unpacked.strip() else data
