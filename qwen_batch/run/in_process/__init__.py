"""The binding to worker processes of the command itself: the same stages, for what starts sooner without Ray.

Imports nothing: a worker loads one module of this package, and would wait for all of it.
"""
