"""What people decided about values, kept with an output and put onto every row that it publishes.

file        corrections.json, as the report's pages save it
kept        a decision as an output keeps it, and which of them stand
values      a value of a row by its path: its type, its place, what it is in JSON
onto_row    decisions put onto one row: its result, evidence and confidence
onto_table  the same for the rows of a table
answered    a row as the model answered it, before decisions
choosing    which decisions of a file an output takes, and why not the others
orphans     decisions whose document or field is there no more
"""
