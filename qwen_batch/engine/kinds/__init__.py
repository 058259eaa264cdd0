"""One module or folder a kind of engine, each with an `ENGINE`, found by its name."""
