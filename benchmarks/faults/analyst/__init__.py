"""An analyst over fourteen nights: what every reader sees after each, against a book that is kept beside the runs.

`leases` has the documents, the job and an engine that answers with quotes; `night` does a command without Ray, or is
killed in it; `book` says what must stand in every view; `readers` read as docs/tables.md says; `plot` is what happens.
"""
