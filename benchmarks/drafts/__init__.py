"""Texts that jobs write: whether they keep their limits and facts, and whether translations are whole."""
