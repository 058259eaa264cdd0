"""A table over all of its runs, whichever version or job wrote them.

columns     Arrow types joined over time, and rows put to them
type_text   types as text, Arrow's and DuckDB's
known       what an output knows of its tables, and which runs go with it
rows        all rows of a table with the columns of them all
stamps      what publishing writes into rows
former      outputs of earlier versions, brought to the present layout
"""
