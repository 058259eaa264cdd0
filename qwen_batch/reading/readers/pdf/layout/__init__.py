"""How glyphs and rules lie on a page: lines, rows, columns and cells made of boxes. Knows no PDF library."""
