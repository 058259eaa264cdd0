# Sourced by install.sh: uv does not read pip's settings, so a company's mirror or a folder of wheels is handed on.

pip_setting() { # NAME; the environment first, then pip's files, as pip itself does it
  local variable=PIP_${1^^}
  variable=${variable//-/_}
  if [ -n "${!variable:-}" ]; then
    printf '%s' "${!variable}"
  else
    .venv/bin/python -m pip config get "global.$1" 2>/dev/null || .venv/bin/python -m pip config get "install.$1" 2>/dev/null || true
  fi
}

hand_pip_settings_to_uv() {
  local value
  value=$(pip_setting index-url) && [ -n "$value" ] && export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$value}"
  value=$(pip_setting extra-index-url | tr '\n' ' ') && [ -n "$value" ] && export UV_INDEX="${UV_INDEX:-$value}"
  # uv separates folders by commas, pip by white space.
  value=$(pip_setting find-links | xargs | tr ' ' ',') && [ -n "$value" ] && export UV_FIND_LINKS="${UV_FIND_LINKS:-$value}"
  value=$(pip_setting cert) && [ -n "$value" ] && export SSL_CERT_FILE="${SSL_CERT_FILE:-$value}"
  # As pip: the best version wherever it is. Every package but torch is held to its hash.
  export UV_INDEX_STRATEGY=${UV_INDEX_STRATEGY:-unsafe-best-match}
  export UV_NO_PROGRESS=1 UV_LINK_MODE=${UV_LINK_MODE:-hardlink}
}
