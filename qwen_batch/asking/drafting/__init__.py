"""What a job's own texts break of their limits, in words that the model can act on. Nothing is ever cut."""
