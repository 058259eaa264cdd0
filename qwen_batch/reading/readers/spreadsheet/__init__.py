"""Reads workbooks (xlsx, xlsm, xlsb, xls, ods): a sheet is a page, its name a heading, its rows a Markdown table.

Cells read as they are shown, each format by a module of its own. Of a hidden sheet the heading alone is shown.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.ole import ole_kind
from qwen_batch.reading.parts.reader import SNIFF_BYTES, Reader, Unreadable, without_page_images
from qwen_batch.reading.parts.zip import DAMAGED, zip_kind
from qwen_batch.reading.readers._office import OfficeFormat
from qwen_batch.reading.readers.spreadsheet.ods import ods_to_pictured
from qwen_batch.reading.readers.spreadsheet.opc import workbook_to_pictured
from qwen_batch.reading.readers.spreadsheet.xls import xls_pages
from qwen_batch.records import Page

if TYPE_CHECKING:
    from PIL.Image import Image

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODS_KINDS = {ODS, f"{ODS}-template"}

_PACKAGED = OfficeFormat("xlsx", XLSX, workbook_to_pictured)
_OPEN = OfficeFormat(ODS, ODS, ods_to_pictured)


def sniff(head: bytes, path: Path) -> str | None:
    """The MIME type by the workbook that is in the container."""
    kind = zip_kind(head, path)
    if kind in ODS_KINDS:
        return ODS
    if kind == "xlsx":
        return XLSX
    return XLS if ole_kind(head, path) == "xls" else None


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """One page a sheet. Raises Unreadable: "encrypted", "damaged", "too_large" for cells too many or too far apart."""
    mime = _mime(path)
    if mime == XLS:
        return xls_pages(path, settings)
    try:
        return (_OPEN if mime == ODS else _PACKAGED).read(path, settings)
    except (struct.error, IndexError, UnicodeError) as error:
        raise Unreadable("damaged", f"{DAMAGED} ({error})") from None


def render(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:
    """The image of a sheet that is a picture."""
    packaged = {XLSX: _PACKAGED, ODS: _OPEN}.get(_mime(path) or "")
    return (packaged.render if packaged else without_page_images)(path, page_number, dpi, settings)


def _mime(path: Path) -> str | None:
    with path.open("rb") as file:
        return sniff(file.read(SNIFF_BYTES), path)


READER: Reader = Reader(
    "spreadsheet",
    (XLSX, XLS, ODS),
    sniff,
    read,
    render,
    packages=("python-calamine", "xlrd", "lxml", "pillow"),
    bytes_per_token={".xlsx": 2, ".ods": 2, ".xls": 8},
)
