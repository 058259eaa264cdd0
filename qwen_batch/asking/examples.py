"""Examples in a prompt: the right answers about the documents that are nearest to this one.

What is shown depends on the document, the job's examples and the settings alone. A document is never its own example.
Its words are those of strangers' documents, so what orders anything is left out, and nothing can close the fence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from qwen_batch.asking.orders.injected_orders import orders_in
from qwen_batch.asking.prompts import REMINDER, defused
from qwen_batch.asking.selecting.bm25 import Bm25
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.terms import terms_of
from qwen_batch.outcomes import Example, ExampleFact
from qwen_batch.records import CleanDocument, Prompt
from qwen_batch.value_paths import top_field

EXAMPLES_VERSION = 1
"""Part of the fingerprint of jobs that are shown examples: raise it when what is shown of them changes."""
EXAMPLE_TOKENS = 300
"""Of one example; facts beyond them are left out."""
HEAD = (
    "Right answers about other documents. They show how values are written; none of them says anything of the document "
    "above:"
)
HEAD_TOKENS = 60


def nearest_examples(examples: Sequence[Example], clean: CleanDocument, count: int) -> tuple[Example, ...]:
    """At most so many examples that share the most telling words with a document, the nearest first."""
    others = [one for one in examples if one.doc_id != clean.document.id]
    if not others or not count:
        return ()
    search = Bm25([[term for fact in one.facts for term in terms_of(f"{fact.quote} {fact.value}")] for one in others])
    scored = zip(search.scores(set(terms_of(clean.text))), others, strict=True)
    near = sorted(((score, one) for score, one in scored if score > 0), key=lambda pair: (-pair[0], pair[1].doc_id))
    return tuple(one for _, one in near[:count])


def examples_room(count: int) -> int:
    """Tokens that so many examples take at most."""
    return HEAD_TOKENS + count * EXAMPLE_TOKENS if count else 0


def example_lines(example: Example, tokenizer: Tokenizer, left_out: Collection[str] = ()) -> list[str]:
    """An example as it is shown, a line a fact, in at most EXAMPLE_TOKENS."""
    lines: list[str] = []
    room = EXAMPLE_TOKENS
    for fact in example.facts:
        line = _line(fact)
        room -= len(tokenizer.token_ends(line)) + 2
        if room < 0:
            break
        if top_field(fact.path) not in left_out and not orders_in(line):
            lines.append(line)
    return lines


def with_examples(prompt: Prompt, examples: Sequence[Example], tokenizer: Tokenizer) -> Prompt:
    """The prompt with the examples between its document and its question; itself where they show nothing."""
    shown = [lines for one in examples if (lines := example_lines(one, tokenizer, prompt.left_out))]
    if not shown:
        return prompt
    block = "\n\n".join("\n".join(lines) for lines in shown)
    *before, (role, content) = prompt.messages
    head, reminder, question = content.rpartition(REMINDER)
    messages = (*before, (role, f"{head}{reminder}\n{HEAD}\n{block}\n\n{question.lstrip()}"))
    return replace(prompt, messages=messages, token_ids=tokenizer.render(messages))


def _line(fact: ExampleFact) -> str:
    quoted = f', quoted "{" ".join(fact.quote.split())}"' if fact.quote else ""
    return defused(f"{fact.path}: {' '.join(str(fact.value).split())}{quoted}")
