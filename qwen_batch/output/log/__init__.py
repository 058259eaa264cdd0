"""What an output knows of every run that was begun on it: the record that each leaves, and how it is told."""
