# Sourced by scripts/dev and scripts/test: a virtual environment with what the lock file names.
# It expects $root (the checkout) and defines `set_up LOCK`.

find_python() {
  for name in python3.13 python3.12 python3.11 python3 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  echo "Python 3.11 or newer is needed and none was found (Debian: apt-get install python3)." >&2
  return 1
}

# set_up dev|test: the test lock holds everything that the dev lock does, so one environment serves
# both, and installing for development never takes the tests' packages away.
set_up() {
  local lock="$root/requirements/$1.txt" venv="$root/.venv" stamp want python
  want=$(git hash-object "$lock" "$root/pyproject.toml" | tr '\n' ' ')
  stamp="$venv/.installed-$1"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then return; fi
  if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    if ! "$python" -m venv --clear "$venv" >&2; then
      echo "Could not make a virtual environment (Debian: apt-get install python3-venv)." >&2
      return 1
    fi
  fi
  echo "Installing what requirements/$1.txt names (once) …" >&2
  local pip=("$venv/bin/python" -m pip --disable-pip-version-check --quiet install)
  "${pip[@]}" --require-hashes -r "$lock" >&2
  "${pip[@]}" --no-deps --no-build-isolation -e "$root" >&2
  echo "$want" >"$stamp"
}
