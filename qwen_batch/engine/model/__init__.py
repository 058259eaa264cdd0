"""A model on this machine: found, fetched, converted, and what its files say of it."""
