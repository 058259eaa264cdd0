"""A table over all of its runs, whichever version or job wrote them.

columns     Arrow types joined over time, put to rows, and written as text
stamps      what publishing writes into rows
rows        all rows of a table with the columns of them all
"""
