"""Which passages of a document a job is shown: cut by structure, scored by words, chosen field by field."""
