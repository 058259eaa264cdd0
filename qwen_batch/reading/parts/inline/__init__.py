"""What stands within a line of text, whatever the format: signs of symbol fonts, formulas, the numbers of items."""
