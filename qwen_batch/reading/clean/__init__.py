"""Pages as read to running text: lines in reading order, furniture of the page trimmed, lines joined.

`pages_to_clean` strings it together; each other module knows one kind of thing that is no part of the text. Everything
that is trimmed is kept with its reason. Knows no file format.
"""
