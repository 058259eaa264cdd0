"""A document in a child process with limits: what crashes or hangs there is a failure of that document alone."""
