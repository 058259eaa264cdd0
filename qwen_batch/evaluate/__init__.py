"""Answers against gold: what was right, where it was found, and whether the confidence knew.

gold, output      the two sides: labelled documents, and the newest row of each source
paths, kinds      which values a field means, and how its values are compared
normalise         dates, names, places, amounts and text, brought to a form that can be compared
score             gold and predictions -> Scores; pure, without files and without a command line
measures          precision, recall, calibration, risk and coverage, from counts and samples
calibrate         judged values -> a calibration file, with figures from documents that it was not fitted on
compare, report   two runs side by side; text, JSON, Markdown and HTML
"""
