"""How right the answers are, against a plain script with the same model."""
