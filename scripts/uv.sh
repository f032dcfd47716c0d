# shellcheck shell=sh
# Finds uv, or installs it into the cache folder, and a Python that this project can use. To be sourced: sets $uv,
# exports UV_PYTHON. What it cannot do it says, and ends.

CACHE=${DEBATE_CACHE:-${HOME:?}/.cache/debate-analyzer}
PYTHONS=">=3.11,<3.14" # as requires-python in pyproject.toml

fail() {
    echo "setup: $*" >&2
    exit 1
}

# Old releases lack `sync --frozen --dry-run`. A pyenv shim may be in PATH and still have no uv behind it: only running tells.
works() {
    version=$("$1" --version 2>/dev/null) || return 1
    echo "$version" | awk '{split($2, v, "."); exit !(v[1] > 0 || v[2] >= 9)}'
}

pythons() {
    for python in python3 python3.13 python3.12 python3.11; do
        command -v "$python" || true
    done
    # pyenv's versions count although its shims may point at another one.
    for python in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[123].*/bin/python3; do
        echo "$python"
    done
}

# The first of `pythons` whose version lies in [$1, $2).
python_between() {
    pythons | while IFS= read -r python; do
        if "$python" -c "import sys; sys.exit(not $1 <= sys.version_info < $2)" 2>/dev/null; then
            echo "$python"
            break
        fi
    done
}

install_uv() {
    python=$(python_between "(3, 8)" "(4,)")
    [ -n "$python" ] || fail "no python3 found: install Python 3.11, 3.12 or 3.13 and run this again."
    echo "Installing uv into $CACHE/uv" >&2
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3-venv >/dev/null
        else
            fail "$python cannot make virtual environments: install python3-venv (or uv itself) and run this again."
        fi
    fi
    mkdir -p "$CACHE"
    { "$python" -m venv --clear "$CACHE/uv" && "$CACHE/uv/bin/python" -m pip install -q --disable-pip-version-check 'uv>=0.13,<0.14' >&2; } ||
        fail "uv could not be installed. The message above says why; PyPI must be reachable (HTTPS_PROXY if there is a proxy)."
}

find_uv() {
    for candidate in uv "$CACHE/uv/bin/uv"; do
        if works "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    install_uv
    echo "$CACHE/uv/bin/uv"
}

find_python() {
    python=$("$uv" python find --no-python-downloads "$PYTHONS" 2>/dev/null || python_between "(3, 11)" "(3, 14)")
    if [ -z "$python" ]; then
        echo "No Python 3.11, 3.12 or 3.13 found: uv downloads one (30 MB)." >&2
        "$uv" python install --quiet 3.13 ||
            fail "no Python could be downloaded: install Python 3.11, 3.12 or 3.13 and run this again."
        python=3.13
    fi
    echo "$python"
}

unset VIRTUAL_ENV # somebody's active environment is not ours
uv=$(find_uv)
UV_PYTHON=$(find_python)
export UV_PYTHON
