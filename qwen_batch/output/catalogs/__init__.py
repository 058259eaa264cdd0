"""One module a catalog, each with a `CATALOG`, found by its name."""
