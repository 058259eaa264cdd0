"""A job's latest rows as one file for people and other programs: Excel, csv, JSON Lines.

table      which table of an output is exported, and its columns: those of the flat view, lists apart
cells      a value as text, and what text may not do in a spreadsheet
target     where an export goes, and what may not be written over
spill      the sheets of a workbook: their names, and where a full one goes on
xlsx, separated, lines
           the three kinds of file
write      the file that appears whole or not at all
document   one row with its evidence, as a notebook shows it

Reads by the views alone. Where the pages of a report are, it is told.
"""
