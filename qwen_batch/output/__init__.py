"""From outcomes to published tables, exactly once, and reading them back.

layout, keys            every path of an output; what tells rows apart
manifest                what its JSON files say
ledger, publishing      staging, resuming, completing; staged shards -> few files in one step
record_table, text_table Arrow schemas and rows
tables/                 a table over all of its runs: its columns, all rows, outputs of earlier versions
format, formats/        how a table becomes a file and comes back
catalog, catalogs/      who is told of a publication
views/, tables/         what readers see: one row a source, facts, failures; a table over all of its runs
status, copies          what an output holds; rows of files that were only renamed
markdown                Markdown files beside a table

Knows tables and keys, nothing of how a row came about.
"""
