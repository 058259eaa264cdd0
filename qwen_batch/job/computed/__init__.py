"""Fields that are computed from others, and checks between them: their marks and their language."""
