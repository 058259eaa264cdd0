"""What no model writes: values computed from others, checks between them, and the rows of tables."""
