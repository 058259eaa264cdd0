#!/usr/bin/env bash
# Sets up .venv and the system tools on Debian or Ubuntu: `make install` calls it, and nothing else is needed.
# A second call with nothing to do ends at once. QWEN_BATCH_DEVICE=cpu|gpu overrides what the machine shows;
# PYTHON names the interpreter to take. With QWEN_BATCH_WITH_MODEL=1 the embedded model's file is fetched beside the
# packages, for `qwen-batch model pull` to convert. It never asks a question.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=deploy/system.sh
. deploy/system.sh
# shellcheck source=deploy/registry.sh
. deploy/registry.sh

TORCH=2.13.0

# One installation at a time in this folder; the lock is this file itself, so nothing is left behind.
exec 9<"$0"
flock 9

device=${QWEN_BATCH_DEVICE:-$(nvidia-smi -L 2>/dev/null | grep -q '^GPU ' && echo gpu || echo cpu)}
digest=$(cat requirements/*.txt pyproject.toml deploy/*.sh | sha256sum | cut -c1-16)
stamp=.venv/.installed-$device-$digest

if [ -e "$stamp" ] && .venv/bin/python -c '' 2>/dev/null; then
  ensure_system_tools "$device"
  exit 0
fi

started=$SECONDS
if [ -d .venv ] && ! { .venv/bin/python -m pip --version >/dev/null 2>&1 && compgen -G ".venv/.device-$device" >/dev/null; }; then
  step "removing .venv: unfinished, or made for another device"
  rm -rf .venv
fi
if [ ! -d .venv ]; then
  python=$(ensure_python)
  step "creating .venv with $("$python" --version) ($python)"
  "$python" -m venv .venv
  touch ".venv/.device-$device"
fi
export VIRTUAL_ENV=$PWD/.venv

# Three downloads side by side: the system's packages, the model, and Python's packages below.
ensure_system_tools "$device" 9<&- &
system_tools=$!
fetching=
if [ "${QWEN_BATCH_WITH_MODEL:-}" = 1 ]; then
  .venv/bin/python deploy/fetch_model.py 9<&- &  # goes on when this script is done: `model pull` waits for it
  fetching=$!
fi
trap 'status=$?; [ $status = 0 ] || kill $system_tools $fetching 2>/dev/null || true' EXIT

uv=.venv/bin/uv

if ! "$uv" --version 2>/dev/null | grep -q "uv $(sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements/uv.txt) "; then
  step "installing uv, the package installer"
  .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/uv.txt
fi
hand_pip_settings_to_uv

if [ "$device" = cpu ] && ! .venv/bin/python -c "import importlib.metadata as m; assert m.version('torch') == '$TORCH+cpu'" 2>/dev/null; then
  step "installing torch $TORCH for the CPU"
  # A configured registry or folder first, PyTorch's own index for the CPU second; never the much larger CUDA build.
  "$uv" pip install --quiet --no-deps "torch==$TORCH+cpu" 2>/dev/null ||
    "$uv" pip install --quiet --no-deps --torch-backend cpu "torch==$TORCH" ||
    fail "no CPU build of torch $TORCH was found" "give pip a find-links or extra-index-url that has torch $TORCH+cpu, or let this machine reach PyTorch's index"
fi
step "installing $(grep -ch '==' "requirements/$device.txt") packages for the $device"
"$uv" pip install --quiet --no-deps --require-hashes -r "requirements/$device.txt" -r requirements/dev.txt
# Compiled once, what Ray's processes and the engine import: where nothing may be written (PYTHONDONTWRITEBYTECODE, a
# read-only image) each would do it at every start, 63 s against 33 s for a run over 200 letters on two cores. Half of
# these packages is left out: tests, and the hundreds of models of which a run imports one.
step "compiling what starts often"
(cd "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" &&
  "$OLDPWD/.venv/bin/python" -m compileall -q -j 0 -x '/(tests?|testing|models|rllib|serve|tune|tool_parsers|kv_offload)/' \
    ray pandas numpy pyarrow pydantic pydantic_core rich click yaml PIL pdfplumber pypdfium2 lxml tokenizers jinja2 \
    huggingface_hub vllm torch transformers sympy networkx openai opentelemetry >/dev/null || true)
wait "$system_tools"
step "installing qwen-batch itself"
"$uv" pip install --quiet --no-deps --no-build-isolation -e .
rm -f .venv/.installed-*
touch "$stamp"
step "ready in $((SECONDS - started)) s: .venv/bin/qwen-batch ($(du -sh .venv | cut -f1))"
