"""Lists that are taken from tables row by row: the mark, the tables themselves, and which column is which field."""
