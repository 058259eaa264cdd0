"""What answers prompts: kinds of engine, the plan for this machine, shards of four.

engine, kinds/          the contract, and a module an engine
choice, plan, precision settings and machine -> a plan with every `auto` decided
model/                  a model's files on this machine
shards, begun           prompts in shards of four, kept in flight
tokens, constraint      the model's own tokenizer; whether a schema binds an engine
usage, gpu_meter        what engines used
bench/                  an engine measured in a process of its own

Knows prompts and completions, nothing of documents, jobs or Ray.
"""
