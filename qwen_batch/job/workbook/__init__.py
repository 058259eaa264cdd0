"""What code computes of the tables of a document: typed sheets, facts, totals that hold or do not, questions as slots.

sheets, numbers     a table's rows as data, totals and hidden rows, its columns with their kinds
figures, facts      numbers with the cells that they rest on
database, slots     sheets in DuckDB; questions as slots, compiled to SQL
profile, totals, formulas   the facts of a document's sheets

Knows tables and cells, nothing of prompts or answers.
"""
