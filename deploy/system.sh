# Sourced by install.sh: the system's packages and a Python that can make a virtual environment.

step() { printf '[install] %s\n' "$*" >&2; }

fail() { # WHAT REMEDY
  printf '[install] error: %s\n  remedy: %s\n' "$1" "$2" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

can_apt() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

apt_install() { # PACKAGE...; 1 where that is not possible
  can_apt || return 1
  step "apt-get install $*"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
  # The lists at hand are tried first: they are there on most machines, and updating takes longer than installing.
  as_root "${apt[@]}" install --no-install-recommends "$@" </dev/null >/dev/null 2>&1 && return 0
  as_root "${apt[@]}" update </dev/null >/dev/null || step "apt-get update failed; going on with the lists at hand"
  as_root "${apt[@]}" install --no-install-recommends "$@" </dev/null >/dev/null
}

has_language() { tesseract --list-langs 2>/dev/null | grep -qx "$1"; }

has_library() { /sbin/ldconfig -p 2>/dev/null | grep -q "$1"; }

tcmalloc_package() { # newer Debian and Ubuntu renamed it
  if [ -n "$(apt-cache search --names-only '^libtcmalloc-minimal4t64$' 2>/dev/null)" ]; then
    echo libtcmalloc-minimal4t64
  else
    echo libtcmalloc-minimal4
  fi
}

ensure_system_tools() { # DEVICE
  local missing=()
  command -v tesseract >/dev/null || missing+=(tesseract-ocr)
  has_language eng || missing+=(tesseract-ocr-eng)
  has_language chi_sim || missing+=(tesseract-ocr-chi-sim)
  if [ "$1" = cpu ]; then
    # vLLM's kernels link libnuma on CPUs with AVX-512; tcmalloc is the allocator that it advises.
    has_library libnuma.so.1 || missing+=(libnuma1)
    has_library libtcmalloc_minimal.so.4 || missing+=("$(tcmalloc_package)")
  fi
  [ ${#missing[@]} = 0 ] && return
  apt_install "${missing[@]}" ||
    step "could not install ${missing[*]}: no apt-get, no rights (root, or sudo without a password), or no network"
  command -v tesseract >/dev/null && has_language eng && has_language chi_sim ||
    fail "tesseract with the languages eng and chi_sim is needed" "as root: apt-get install ${missing[*]}"
  [ "$1" = gpu ] || has_library libnuma.so.1 || step "warning: libnuma.so.1 is missing, vLLM may not load"
  [ "$1" = gpu ] || has_library libtcmalloc_minimal.so.4 || step "warning: tcmalloc is missing, the model will run slower"
}

usable_python() { # COMMAND; 0 if it is Python 3.11 to 3.13 (a pyenv shim without its version is not)
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1
}

makes_environments() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

ensure_python() { # prints the interpreter to take
  local candidates=("${PYTHON:-python3}" python3.12 python3.11 python3.13 /usr/bin/python3) found=() python
  for python in "${candidates[@]}"; do
    usable_python "$python" || continue
    makes_environments "$python" && { command -v "$python"; return; }
    found+=("$python")
  done
  # Debian splits ensurepip off into a package named after the version.
  for python in "${found[@]}"; do
    apt_install "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv" || continue
    makes_environments "$python" && { command -v "$python"; return; }
  done
  fail "no Python 3.11 to 3.13 that can make a virtual environment" "as root: apt-get install python3 python3-venv, or set PYTHON"
}
