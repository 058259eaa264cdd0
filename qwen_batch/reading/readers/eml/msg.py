"""Outlook's message files (msg) as mail; the only importer of oxmsg, which takes them apart ([MS-OXMSG])."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.reading.parts.encoding import bytes_to_text
from qwen_batch.reading.parts.lzfu import rtf_from_packed
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers.eml.message import Attachment, Body, Mail

if TYPE_CHECKING:
    from oxmsg.properties import Properties
    from oxmsg.storage import Storage

MIME = "application/vnd.ms-outlook"
SUBJECT, TRANSPORT_HEADERS, BODY, PACKED_RTF, HTML = 0x0037, 0x007D, 0x1000, 0x1009, 0x1013
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP, SENT_FOR = 0x0C1A, 0x0C1F, 0x5D01, 0x0042
SHOWN_TO, SHOWN_CC, SHOWN_BCC, SENT_AT, DELIVERED_AT = 0x0E04, 0x0E03, 0x0E02, 0x0039, 0x0E06
FILE_DATA, FILE_NAME, LONG_FILE_NAME, FILE_METHOD, CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x3705, 0x3712
"""Properties by their numbers ([MS-OXPROPS])."""
EMBEDDED_MESSAGE, EMBEDDED_STORAGE = 5, "__substg1.0_3701"
ROOT_HEADER_BYTES, EMBEDDED_HEADER_BYTES, FILE_HEADER_BYTES = 32, 24, 8
"""What stands before the properties of each kind of storage (section 2.4.1)."""
MAX_DEPTH = 5
BROKEN = "the message's file is cut off or damaged, and parts of it may be missing: save it anew"


def msg_to_mail(path: Path) -> Mail:
    """The message in a file. Raises Unreadable: "damaged"."""
    from olefile import OleFileIO
    from oxmsg.storage import Storage

    try:
        with OleFileIO(str(path)) as file:
            mail = _mail(Storage.from_ole(file), ROOT_HEADER_BYTES, depth=0)
            return replace(mail, warnings=(BROKEN,)) if file.parsing_issues else mail
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - the library checks nothing: whatever it raises, the file is broken
        raise Unreadable("damaged", f"{DAMAGED} ({type(error).__name__}: {error})") from None


def _mail(storage: Storage, header_bytes: int, depth: int) -> Mail:
    from oxmsg.properties import Properties

    properties = Properties(storage, properties_header_offset=header_bytes)
    files = tuple(_file(file, number, depth) for number, file in enumerate(storage.iter_attachment_storages(), start=1))
    return Mail(tuple(_headers(properties)), tuple(_bodies(properties)), files + tuple(_rtf_body(properties)))


def _headers(properties: Properties) -> list[str]:
    name = _text(properties, SENDER_NAME) or _text(properties, SENT_FOR)
    address = _text(properties, SENDER_SMTP) or _text(properties, SENDER_ADDRESS)
    sender = f"{name} <{address}>" if name and "@" in address and address != name else name or address
    date = properties.date_prop_value(SENT_AT) or properties.date_prop_value(DELIVERED_AT)
    shown = {
        "From": sender,
        "To": _text(properties, SHOWN_TO),
        "Cc": _text(properties, SHOWN_CC),
        "Bcc": _text(properties, SHOWN_BCC),
        "Date": f"{date:%a, %d %b %Y %H:%M:%S %z}" if date else "",
        "Subject": _text(properties, SUBJECT),
    }
    return [f"{header}: {' '.join(value.split())}" for header, value in shown.items() if value.strip()]


def _bodies(properties: Properties) -> list[Body]:
    """The HTML text if there is one: the plain one is made of it and has no tables."""
    html = properties.binary_prop_value(HTML)
    text = bytes_to_text(html) if html else properties.str_prop_value(HTML)
    if text and text.strip():
        return [Body(text, is_html=True)]
    plain = _text(properties, BODY)
    return [Body(plain, is_html=False)] if plain.strip() else []


def _rtf_body(properties: Properties) -> list[Attachment]:
    """The text of a message that has it as RTF alone."""
    if _bodies(properties):
        return []
    rtf = rtf_from_packed(properties.binary_prop_value(PACKED_RTF) or b"")
    return [Attachment("message.rtf", rtf)] if rtf else []


def _file(file: Storage, number: int, depth: int) -> Attachment:
    from oxmsg.properties import Properties

    properties = Properties(file, properties_header_offset=FILE_HEADER_BYTES)
    name = _text(properties, LONG_FILE_NAME) or _text(properties, FILE_NAME) or f"attachment {number}"
    if properties.int_prop_value(FILE_METHOD) == EMBEDDED_MESSAGE:
        return Attachment(name, b"", is_message=True, mail=_embedded(file, depth))
    data = properties.binary_prop_value(FILE_DATA) or b""
    return Attachment(" ".join(name.split()), data, inline=bool(_text(properties, CONTENT_ID)))


def _embedded(file: Storage, depth: int) -> Mail | None:
    """A message in a message: it lies in a storage of its own, laid out like a file."""
    inner = next((one for one in file.storages if one.name.startswith(EMBEDDED_STORAGE)), None)
    return None if inner is None or depth >= MAX_DEPTH else _mail(inner, EMBEDDED_HEADER_BYTES, depth + 1)


def _text(properties: Properties, number: int) -> str:
    return (properties.str_prop_value(number) or "").rstrip("\0")
