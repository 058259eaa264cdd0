"""Fields that are computed from others, and checks between them: their marks, their language, what is wrong with one."""
