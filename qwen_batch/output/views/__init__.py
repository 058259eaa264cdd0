"""The views that a person wants, as SQL that is written once: for DuckDB over the files, and for Python over Arrow.

sql              identifiers and strings as DuckDB writes them; what a view is
viewed           a table as its views see it
latest           one row a source
failures         what still stands: one row a source and job
flat, evidence   a job's answers as columns, and as one row a value
of_table         all views of a table, in the order in which they build on each other
files            the same as SQL files over an output
reading          the same for Python, over Arrow tables: the functions of the package's face

Only `files` and `reading` know where rows come from.
"""
