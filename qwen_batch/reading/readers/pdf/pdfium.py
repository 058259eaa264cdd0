"""All that this project asks of pdfium; the only importer of pypdfium2. Decides nothing about a document.

Boxes are in points from the top left corner of the page as it is displayed: inside its crop box, after its rotation.
"""

from __future__ import annotations

from qwen_batch.reading.readers.pdf.pdfium_document import (
    DAMAGED,
    PdfDocument,
    opened,
    page_layer,
    words_of,
)
from qwen_batch.reading.readers.pdf.pdfium_image import loose_ink, page_image

__all__ = ["DAMAGED", "PdfDocument", "loose_ink", "opened", "page_image", "page_layer", "words_of"]
