"""Values that do not stand: without a quote that is there, out of place, or more likely wrong than right."""
