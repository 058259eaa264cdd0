"""What a run has to do: found at its inputs, told from what is done, and kept on disk until its turn."""
