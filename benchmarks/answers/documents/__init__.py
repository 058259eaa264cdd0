"""The documents of the answer benchmark with their labels, read once and kept."""
