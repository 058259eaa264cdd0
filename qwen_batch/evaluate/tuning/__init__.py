"""Tuning: a job is changed in one thing at a time, chosen on one half of the gold and reported on the other."""
