#!/usr/bin/env bash
# `make demo`: both jobs over data/samples with the real model, then the results as a short table.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${DEMO_OUTPUT:-out/demo}

.venv/bin/qwen-batch model pull >/dev/null
rm -rf "$out" # a demo shows a run from the beginning; without this the second would find nothing to do
status=0
.venv/bin/qwen-batch run contract_summary report_outline data/samples --output "$out" || status=$?
if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
  exit "$status"
fi
.venv/bin/python deploy/show_results.py "$out"
