"""Measurements of this project against others and against faults; README.md says which command answers what."""
