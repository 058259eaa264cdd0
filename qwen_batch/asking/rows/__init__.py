"""Lists from tables: the tables of a document, and the question which of their columns is which field."""
