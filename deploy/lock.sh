#!/usr/bin/env bash
# Compiles requirements/*.txt from pyproject.toml: every package with its hashes, no registry named.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
[ -x "$uv" ] || uv=uv

# The marker of [tool.uv] environments, which uv repeats on every line; the files hold for that machine only.
MACHINE="(implementation_name == 'cpython' and )?platform_machine == 'x86_64' and (platform_python_implementation [!=]= '[A-Za-z]*' and )?sys_platform == 'linux'"

compile() { # TARGET ARGUMENT...
  local target=requirements/$1.txt
  shift
  rm -f "$target"
  "$uv" pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
    --no-header --no-annotate --quiet --output-file "$target" "$@" >/dev/null
  sed -i -E "s/ (;|and) $MACHINE / /" "$target"
  echo "$target: $(grep -c == "$target") packages"
}

compile gpu pyproject.toml --extra gpu --overrides requirements/overrides-gpu.txt
compile cpu pyproject.toml requirements/cpu.in --extra cpu --overrides requirements/overrides-cpu.txt
# Only what the tools need beyond the environment that they are added to.
mapfile -t present < <(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package=\1/p' requirements/cpu.txt | sort -u)
compile dev pyproject.toml --extra dev --constraints requirements/cpu.txt --overrides requirements/overrides-dev.txt "${present[@]}"
# Ray's dashboard and its agent, for clusters (deploy/docker) and `resources.metrics_port`.
compile ray-default pyproject.toml --extra metrics --constraints requirements/gpu.txt "${present[@]}"
compile uv requirements/uv.in
