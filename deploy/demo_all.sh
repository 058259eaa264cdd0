#!/usr/bin/env bash
# `make demo-all`: two jobs over all of data/samples with the real model, then the results as short tables.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${DEMO_OUTPUT:-out/demo-all}

.venv/bin/qwen-batch model pull >/dev/null
if [ -d "$out" ]; then
  echo "results from before are in $out: only what is new is done (rm -r $out for a whole run)" >&2
fi
status=0
.venv/bin/qwen-batch run contract_summary report_outline data/samples --output "$out" || status=$?
if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
  exit "$status"
fi
.venv/bin/python deploy/show_results.py "$out"
