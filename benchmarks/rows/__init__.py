"""Price lists of many rows in seven formats, and how many of their rows become rows of an answer."""
