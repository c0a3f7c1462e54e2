#!/bin/sh
# Make or refresh the virtual environment: `sh scripts/venv.sh runtime|dev`, or `find` to print a fitting Python.
#
# Everything comes from the hashed files in requirements/, then tidings itself, editable and without dependencies.
# A second call costs milliseconds: .venv/.tidings-* records the inputs that the environment was made from.
# PYTHON=… chooses the interpreter, VENV=… the folder. Exit status 3: something must be installed first.
set -eu
cd "$(dirname "$0")/.."
VENV=${VENV:-.venv}

say() { printf '%s\n' "$*" >&2; }

# What an interpreter lacks for us, in one word; nothing if it fits.
lacks() {
    "$1" - 2>/dev/null <<'PY' || echo unusable
import importlib.util, sys
if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    print("version")
else:
    for module in ("venv", "ensurepip", "ssl", "sqlite3", "zlib"):
        if importlib.util.find_spec(module) is None or (module in ("ssl", "sqlite3", "zlib") and not __import__(module)):
            print(module)
            break
PY
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo unknown; }

advise() { # interpreter, what it lacks
    version=$(version_of "$1")
    case $2 in
    version)
        say "tidings needs Python 3.11, 3.12, 3.13 or 3.14, and $1 is $version."
        say "Debian 12, Ubuntu 24.04 and later have one:  apt-get install python3 python3-venv"
        say "Or name one that is elsewhere:               make PYTHON=/path/to/python3.13 ..."
        ;;
    venv | ensurepip)
        say "$1 (Python $version) cannot make virtual environments: its module '$2' is missing."
        say "Install it:  apt-get install python$version-venv    (or python3-venv, for the system's own Python)"
        ;;
    unusable)
        say "$1 cannot be started as a Python interpreter."
        say "Name one that works:  make PYTHON=/path/to/python3.13 ...   or:  apt-get install python3 python3-venv"
        ;;
    *)
        say "$1 (Python $version) was built without its module '$2', which tidings needs."
        say "Use the system's:  apt-get install python3 python3-venv    then:  make PYTHON=/usr/bin/python3 ..."
        ;;
    esac
}

# The newest interpreter that fits. If none does, say what to install for the one that is nearest to fitting.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        lack=$(lacks "$PYTHON")
        [ -z "$lack" ] || { advise "$PYTHON" "$lack"; return 3; }
        echo "$PYTHON"
        return
    fi
    nearest='' nearest_lack=''
    for candidate in python3.14 python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        lack=$(lacks "$candidate")
        [ -n "$lack" ] || { echo "$candidate"; return; }
        case $lack in
        unusable) ;; # such as a version manager's stand-in for a version that is not switched on
        version) [ -n "$nearest" ] || { nearest=$candidate nearest_lack=$lack; } ;;
        *) case $nearest_lack in '' | version) nearest=$candidate nearest_lack=$lack ;; esac ;;
        esac
    done
    if [ -n "$nearest" ]; then
        advise "$nearest" "$nearest_lack"
    else
        say "No Python was found. tidings needs 3.11, 3.12, 3.13 or 3.14."
        say "Install it:  apt-get install python3 python3-venv"
    fi
    return 3
}

# A hash of all that decides what the environment holds.
state() { # requirement file
    { pwd; version_of "$VENV/bin/python"; cat "$1" requirements/build.txt pyproject.toml; } | cksum
}

# Whether the environment stands, on a Python that fits and is the one asked for.
is_usable() {
    "$VENV/bin/python" -c 'import pip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null || return 1
    [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON")" = "$(version_of "$VENV/bin/python")" ]
}

refresh() { # kind
    file=requirements/$1.txt
    stamp=$VENV/.tidings-$1
    [ -f "$file" ] || { say "There is no $file; choose one of: $(cd requirements && echo *.txt)"; return 2; }
    if ! is_usable; then
        python=$(find_python)
        say "Making $VENV with $python ($(version_of "$python"))"
        rm -rf "$VENV"
        "$python" -m venv "$VENV" || { rm -rf "$VENV"; say "The environment could not be made; the reason is above."; return 1; }
    fi
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(state "$file")" ]; then return; fi
    say "Installing $file into $VENV"
    "$VENV/bin/python" -m pip install --disable-pip-version-check -qq --no-input --require-hashes --no-deps \
        -r requirements/build.txt -r "$file" || {
        say "The packages of $file could not be installed; pip's words are above."
        say "A refused or lost connection is worth a second try; a proxy or another index is set in pip's own configuration."
        return 1
    }
    "$VENV/bin/python" -m pip install --disable-pip-version-check -qq --no-input --no-deps --no-build-isolation \
        --editable .
    state "$file" >"$stamp"
}

case ${1:-} in
find) find_python ;;
'') say "usage: scripts/venv.sh find|runtime|postgres|cluster|browser|apprise|dev|lock"; exit 2 ;;
*) refresh "$1" ;;
esac
