"""A corpus of every format that is read, good, broken and hostile, through the real command line."""
