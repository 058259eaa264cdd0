"""From an input to clean text, without a model.

discover, originals     what the inputs name, and a document's bytes on this machine
hashing, archive/       what each file is by its bytes, and the files in those that are archives
document_to_text        strings together what follows: read, OCR, clean, in a child process, with a cache
readers/ parts/         a module or folder a format, and what formats share
ocr/                    pages that need it; engines/ has a module an engine
clean/                  pages to running text, and what was trimmed and why
language/ isolate/      what language a text is in and whether it reads like one; the child process and its limits
extract                 clean text as a product of its own

Knows nothing of jobs, prompts or tables.
"""
