"""One module an OCR engine, each with an `OCR_ENGINE`, found by its name."""
