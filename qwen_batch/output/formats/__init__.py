"""One module a file format, each with a `FORMAT`, found by its name."""
