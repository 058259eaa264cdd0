"""From clean text and jobs to validated answers.

chunk, headings               a long text cut where its sections end
text_budget, prompts          how many prompts a document takes, and what stands in them
orders                        what a document says to the model that reads it: not shown, or answered without
answer, validate, prose       completions checked, repaired, asked again; several texts made one
self_check, cost              the model asked about its own values; what a prompt costs

Knows nothing of files, tables or Ray.
"""
