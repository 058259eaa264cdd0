"""Reading and OCR against the programs that one would take instead."""
