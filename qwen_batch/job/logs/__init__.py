"""Lists of events that are read from logs: the mark, time stamps, and a log as the lines that tell of it."""
