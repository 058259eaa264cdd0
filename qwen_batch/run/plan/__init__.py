"""What a run will take, told before it: documents, pages, tokens, time, money and disk, each with its range.

counting    every owed document opened for its kind and pages
sampling    some of them, of all kinds and sizes, read and made into prompts as a run does it
estimating  from the sample to all, with a range
known       what runs before say of this output: tokens of answers, rates, bytes of rows
timing      stages, hours and money
planning    all of it put together

No model is loaded and no Ray is started.
"""
