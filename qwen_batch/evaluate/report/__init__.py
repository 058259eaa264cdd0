"""Scores for readers: in a terminal, and as JSON, Markdown and HTML. Knows nothing of how they were counted."""
