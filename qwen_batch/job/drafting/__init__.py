"""What a job says of texts that it has written: limits, what is kept of the document, the language, passages."""
