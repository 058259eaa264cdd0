"""The headings of a document as an outline has them, found by code."""
