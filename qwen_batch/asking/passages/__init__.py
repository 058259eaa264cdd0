"""A document asked passage by passage: how it is cut, and which terms all of its passages share."""
