"""Plans against real runs over three folders, `python -m benchmarks.planning`: contracts, mixed office files, scans.

folders  what lies in each of them, from documents of others and some that are made here
"""
