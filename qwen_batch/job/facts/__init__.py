"""Facts that documents state: days, money, parties, with a quote each; and how documents write them."""
