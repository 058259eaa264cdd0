"""A PDF page drawn: for recognition, and to see what of it no text line says."""
