"""One document's way: work and what every stage knows, the stages as plain functions, and the settling of answers."""
