"""An engine measured in a process of its own, and what the figures advise for this machine."""
