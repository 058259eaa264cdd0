"""Logs with planted events among repeats, and how many of the events a timeline has, in order and with its first cause."""
