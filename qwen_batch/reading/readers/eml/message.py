"""The parts of an e-mail message: its headers, the text that a person reads, and what is attached (RFC 5322, 2045).

Knows nothing of how attachments are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from qwen_batch.reading.parts.encoding import UNICODE, bytes_to_text, encoding_of

SHOWN_HEADERS = ("From", "To", "Cc", "Bcc", "Date", "Subject")
NOT_FOR_PEOPLE = frozenset(
    (
        *("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"),
        *("text/css", "text/javascript", "application/javascript", "application/pgp-keys"),
    )
)
MIN_PLAIN_SHARE = 0.3
"""A plain variant with less of the HTML variant's text is a stub that tells to look at the other."""

_TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>|&\w+;|\s+", re.DOTALL | re.IGNORECASE)
_SOFT_BREAK = re.compile(r"(?<!\n--) \r?\n(?=[^>\s])")


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attached file; `inline` if the text shows it in place, `data` is a whole message for one that is forwarded."""

    name: str
    data: bytes
    inline: bool = False
    is_message: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """One piece of the message's text."""

    text: str
    is_html: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """A message: header lines as a mail program shows them, its text, its attachments."""

    headers: tuple[str, ...]
    bodies: tuple[Body, ...]
    attachments: tuple[Attachment, ...]


def bytes_to_mail(data: bytes) -> Mail:
    """Takes a message apart; what is malformed in it is kept as it stands."""
    if encoding_of(data[:4096]) in UNICODE - {"utf-8"}:  # saved by an editor, not by a mail program
        data = (bytes_to_text(data) or "").encode("utf-8", "replace")
    message = message_from_bytes(data, policy=policy.default)
    bodies: list[Body] = []
    attachments: list[Attachment] = []
    for leaf in _leaves(message):
        if _is_body(leaf):
            bodies.append(_body(leaf))
        elif leaf.get_content_type() not in NOT_FOR_PEOPLE:
            attachments.append(_attachment(leaf, len(attachments) + 1))
    headers = (f"{name}: {value}" for name in SHOWN_HEADERS if (value := _header(message, name)))
    return Mail(tuple(headers), tuple(bodies), tuple(attachments))


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
    """The variant to read: plain text, unless it is a stub."""
    texts = {
        kind: next((branch for branch in branches for leaf in branch if _is_body(leaf, kind)), None)
        for kind in ("text/plain", "text/html")
    }
    plain, html = texts["text/plain"], texts["text/html"]
    if plain is None or html is None:
        return plain or html
    length = sum(len("".join(_body(leaf).text.split())) for leaf in plain if _is_body(leaf))
    other = sum(len(_TAG.sub("", _body(leaf).text)) for leaf in html if _is_body(leaf))
    return plain if length >= MIN_PLAIN_SHARE * other else html


def _is_body(part: EmailMessage, *kinds: str) -> bool:
    if part.is_multipart() or _name(part) or part.get_content_disposition() == "attachment":
        return False
    return part.get_content_type() in (kinds or ("text/plain", "text/html"))


def _body(part: EmailMessage) -> Body:
    payload = part.get_payload(decode=True)
    text = bytes_to_text(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""
    if part.get_param("format") == "flowed":  # RFC 3676: a space at the end of a line means that it goes on
        text = _SOFT_BREAK.sub(" ", text or "")
    return Body((text or "").replace("\f", "\n").replace("\v", "\n"), part.get_content_type() == "text/html")


def _name(part: EmailMessage) -> str:
    try:
        return part.get_filename() or ""
    except Exception:  # noqa: BLE001 - as in _header
        return "unnamed"


def _attachment(part: EmailMessage, number: int) -> Attachment:
    inline = part.get_content_disposition() != "attachment" and part.get("Content-ID") is not None
    name = " ".join(_name(part).split())
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0)
        data = inner.as_bytes() if isinstance(inner, EmailMessage) else b""
        subject = _header(inner, "Subject") if isinstance(inner, EmailMessage) else ""
        return Attachment(name or subject or f"message {number}", data, is_message=True)
    payload = part.get_payload(decode=True)
    kind = part.get_content_type()
    return Attachment(name or f"attachment {number} ({kind})", payload if isinstance(payload, bytes) else b"", inline)
