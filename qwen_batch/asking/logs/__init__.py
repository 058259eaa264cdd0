"""Logs of any size as the few lines that tell what happened: parsed, folded into templates, chosen, cut to fit."""
