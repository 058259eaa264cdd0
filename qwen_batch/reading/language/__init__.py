"""Scripts, languages and whether a text reads like one. Knows nothing of pages."""
