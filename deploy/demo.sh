#!/usr/bin/env bash
# `make demo`: one job over six documents of data/samples with the real model, each row as it is done, then the report.
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/qwen-batch model pull >/dev/null
exec .venv/bin/python deploy/demo.py "$@"
