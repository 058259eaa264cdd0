"""One module or folder a format, each with a `READER`, found by its name. What they share is in `reading/parts`."""
