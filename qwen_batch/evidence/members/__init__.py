"""From the rows of a group's members to values that rules make of them, each with its evidence."""
