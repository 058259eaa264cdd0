"""What a job is: a pydantic schema, a prompt and sampling, from a file of its own.

definition, files   a job, and how it is loaded from its file
schema, enforceable the schema that the engine is bound to, and what no grammar enforces
rules, nothing      how a field is merged, and which values say nothing
facts/              the kinds of fact that jobs ask for

Knows nothing of documents, prompts or engines.
"""
