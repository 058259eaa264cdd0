"""All that this project asks of pdfium; the only importer of pypdfium2. Decides nothing about a document.

Boxes are in points from the top left corner of the page as it is displayed: inside its crop box, after its rotation.
"""

from __future__ import annotations

from qwen_batch.reading.readers.pdf.pdfium_document import opened, page_layer, words_of
from qwen_batch.reading.readers.pdf.pdfium_look.image import page_image
from qwen_batch.reading.readers.pdf.pdfium_look.loose import loose_ink
from qwen_batch.reading.readers.pdf.pdfium_packed import attachment_count, attachments, xfa_data
from qwen_batch.reading.readers.pdf.pdfium_seen.page import DAMAGED, PdfDocument

__all__ = [
    "DAMAGED",
    "PdfDocument",
    "attachment_count",
    "attachments",
    "loose_ink",
    "opened",
    "page_image",
    "page_layer",
    "words_of",
    "xfa_data",
]
