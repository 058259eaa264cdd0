"""Answers against gold: what was right, where it was found, and whether the confidence knew.

gold, output        the two sides: labelled documents, and the newest row of each source
paths, kinds        which values a field means, and how its values are compared
normalise, amounts  dates, names, places, amounts and text, brought to a form that can be compared
judge, grounding    one document against its gold, value by value
score               gold and predictions -> Scores; pure, without files and without a command line
measures            precision, recall, calibration, risk and coverage, from counts and samples
calibrate           judged values -> a calibration, with figures from documents that it was not fitted on
compare             two runs side by side
evaluation          an output, a gold file, and all that one `qwen-batch eval` has to say of them
terminal, report    the same as text, JSON, Markdown and HTML
"""
