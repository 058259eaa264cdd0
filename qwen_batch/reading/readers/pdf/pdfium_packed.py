"""What a PDF packs beside its pages: attached files and the data of an XFA form, as bytes."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

MAX_ATTACHMENTS = 1000
MAX_FORM_PAGES = 20
MAX_PACKETS = 100


@dataclass(frozen=True, slots=True)
class Attached:
    """A file in a PDF; `data` is None if it is too large or broken."""

    name: str
    data: bytes | None


def attachment_count(document: pdfium.PdfDocument) -> int:
    """How many files are attached."""
    return max(0, int(pdfium_c.FPDFDoc_GetAttachmentCount(document)))


def attachments(document: pdfium.PdfDocument, max_bytes: int) -> Iterator[Attached]:
    """The attached files, up to `max_bytes` unpacked in all."""
    left = max_bytes
    for index in range(min(attachment_count(document), MAX_ATTACHMENTS)):
        handle = pdfium_c.FPDFDoc_GetAttachment(document, index)
        size = pdfium_c.FPDFAttachment_GetName(handle, None, 0)
        room = ctypes.create_string_buffer(max(size, 2))
        pdfium_c.FPDFAttachment_GetName(handle, ctypes.cast(room, ctypes.POINTER(ctypes.c_ushort)), size)
        name = " ".join(room.raw[:size].decode("utf-16-le", "ignore").rstrip("\0").split()) or f"file {index + 1}"
        length = ctypes.c_ulong()
        if not pdfium_c.FPDFAttachment_GetFile(handle, None, 0, length) or length.value > left:
            yield Attached(name, None)
            continue
        data = ctypes.create_string_buffer(max(length.value, 1))
        pdfium_c.FPDFAttachment_GetFile(handle, data, length.value, length)
        left -= length.value
        yield Attached(name, data.raw[: length.value])


def xfa_data(document: pdfium.PdfDocument, max_bytes: int) -> bytes | None:
    """The packet with the data of a form whose pages only an XFA viewer can draw; None for any other document."""
    kind = pdfium_c.FPDF_GetFormType(document)
    if kind != pdfium_c.FORMTYPE_XFA_FULL and (kind != pdfium_c.FORMTYPE_XFA_FOREGROUND or _has_annotations(document)):
        return None
    for index in range(min(max(0, pdfium_c.FPDF_GetXFAPacketCount(document)), MAX_PACKETS)):
        room = ctypes.create_string_buffer(64)
        pdfium_c.FPDF_GetXFAPacketName(document, index, room, 64)
        length = ctypes.c_ulong()
        if room.value not in {b"datasets", b"xdp:xdp", b""}:
            continue
        if not pdfium_c.FPDF_GetXFAPacketContent(document, index, None, 0, length) or length.value > max_bytes:
            continue
        data = ctypes.create_string_buffer(max(length.value, 1))
        pdfium_c.FPDF_GetXFAPacketContent(document, index, data, length.value, length)
        if room.value == b"datasets" or b"datasets" in data.raw:
            return data.raw[: length.value]
    return None


def _has_annotations(document: pdfium.PdfDocument) -> bool:
    """Whether one of the first pages has fields of its own: a form that any viewer can draw."""
    for index in range(min(len(document), MAX_FORM_PAGES)):
        page = document[index]
        found = pdfium_c.FPDFPage_GetAnnotCount(page) > 0
        page.close()
        if found:
            return True
    return False
