"""Writes docs/configuration.md from the settings classes: python docs/configuration.py > docs/configuration.md."""

from __future__ import annotations

import sys

from qwen_batch.config import Config, Section

HEAD = """# Settings

Every key of `pipeline.yaml`, all optional; an unknown key is an error. `--set section.key=value` overrides one of them.
This page is written by `docs/configuration.py` from the code.
"""


def main() -> None:
    """Prints the page."""
    sys.stdout.write(page())


def page() -> str:
    """The page as Markdown: a table a section."""
    parts = [HEAD]
    for name, field in Config.model_fields.items():
        if isinstance(field.default, Section):
            parts.append(f"\n## {name}\n\n{type(field.default).__doc__}\n\n{_table(field.default)}")
        else:
            parts.append(f"\n`{name}` (default `{field.default}`): {field.description}\n")
    return "".join(parts)


def _table(section: Section) -> str:
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *_rows(section, "")]) + "\n"


def _rows(section: Section, prefix: str) -> list[str]:
    rows = []
    for name, field in type(section).model_fields.items():
        if isinstance(field.default, Section):
            rows += _rows(field.default, f"{prefix}{name}.")
            continue
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        rows.append(f"| `{prefix}{name}` | `{default}` | {field.description} |")
    return rows


if __name__ == "__main__":
    main()
