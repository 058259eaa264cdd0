"""Logs with planted events among repeats, and how many of them a timeline has, in order and with its first cause."""
