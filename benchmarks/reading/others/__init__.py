"""Other programs that turn documents to text, beside ours: the same files, the same checks, in one go."""
