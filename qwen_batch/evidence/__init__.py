"""From answers to one result that says where each value stands and how sure it is.

locate, folding, same_words, support   where a quote stands, whatever its looks; whether it says its value
ground, ungrounded, value_spans        a result -> evidence for each value
confidence, calibration                what a confidence is made of -> a probability
candidates, reducing, union, merge     chunks' answers -> one result, each field by its rule

Knows nothing of prompts, engines or tables.
"""
