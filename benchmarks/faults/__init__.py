"""Real runs that are killed, stopped or starved, and whether the table is right afterwards."""
