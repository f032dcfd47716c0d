# shellcheck shell=bash
# What every script with containers starts from: the cache folder, a Docker client that builds, a running engine,
# base images, Go programs. To be sourced; `main` is the repository's root.
set -euo pipefail

main=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${DEBATE_CACHE:-${HOME:?}/.cache/debate-analyzer}
tools=$cache/kind/bin # kind, kubectl, helm, and what our own node image is made of

say() { echo "$*" >&2; }

fail() {
    say "${0##*/}: $*"
    exit 1
}

# A client builds with BuildKit if it has the buildx plugin, or is so old (before 23) that it needs none.
builds() {
    "$1" buildx version >/dev/null 2>&1 && return
    local version
    version=$("$1" version --format '{{.Client.Version}}' 2>/dev/null) || true
    [[ ${version%%.*} =~ ^[0-9]+$ && ${version%%.*} -lt 23 ]]
}

# Sets DOCKER to such a client; as root installs Debian's where there is none.
find_docker() {
    local client
    for client in docker /usr/bin/docker; do
        if command -v "$client" >/dev/null && builds "$client"; then
            DOCKER=$client
            return
        fi
    done
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing Docker with apt-get"
        apt_install docker.io
        for client in docker-cli docker-buildx; do # packages of their own in later releases of Debian
            if apt-cache show "$client" >/dev/null 2>&1; then apt_install "$client"; fi
        done
        DOCKER=/usr/bin/docker
        builds "$DOCKER" && return
    fi
    fail "Docker with BuildKit is needed: install Docker Engine 23 or later (https://docs.docker.com/engine/install), or Docker Desktop."
}

apt_install() {
    apt-get -o DPkg::Lock::Timeout=300 -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq install -y --no-install-recommends "$@" >/dev/null </dev/null
}

# Starts the engine where nothing does so for us: in a bare container or machine, as root. Sets engine_started then.
start_engine() {
    "$DOCKER" info >/dev/null 2>&1 && return
    [ "$(id -u)" = 0 ] || fail "no Docker engine answers: start it (sudo systemctl start docker), or join the group docker."
    command -v dockerd >/dev/null || apt_install docker.io
    command -v iptables >/dev/null || apt_install iptables
    if ! has_sys_resource && [ ! -e /etc/docker/daemon.json ]; then
        say "This machine withholds CAP_SYS_RESOURCE: containers are started through scripts/kind/node-image/runc-without-resource"
        command -v jq >/dev/null || apt_install jq
        install -m 755 "$main/scripts/kind/node-image/runc-without-resource" /usr/local/sbin/
        mkdir -p /etc/docker
        cat >/etc/docker/daemon.json <<'JSON'
{"default-runtime": "without-resource", "runtimes": {"without-resource": {"path": "/usr/local/sbin/runc-without-resource"}}}
JSON
    fi
    mkdir -p "$cache"
    say "Starting dockerd (log: $cache/dockerd.log)"
    # A caller's locks and pipes must not live as long as the engine does.
    engine_started=yes
    setsid nohup dockerd >"$cache/dockerd.log" 2>&1 </dev/null 3>&- 9>&- &
    for _ in $(seq 120); do
        "$DOCKER" info >/dev/null 2>&1 && return
        sleep 0.5
    done
    tail -5 "$cache/dockerd.log" >&2
    fail "dockerd did not start within 60 s."
}

# Bit 24 of the bounding set: may a container get it at all?
has_sys_resource() {
    local bounds
    bounds=$(awk '/^CapBnd:/ {print $2}' /proc/self/status)
    ((16#$bounds >> 24 & 1))
}

has_image() { "$DOCKER" image inspect "$1" >/dev/null 2>&1; }

# Makes sure of debian:$1-slim: pulled, or where no registry answers made of Debian's packages under the same name.
base_image() {
    local suite=$1
    local name=debian:$suite-slim
    has_image "$name" && return
    "$DOCKER" pull -q "$name" >/dev/null 2>&1 && return
    [ "$(id -u)" = 0 ] || fail "$name can neither be pulled nor, without root, be made with debootstrap."
    say "$name cannot be pulled: making it with debootstrap (a minute)"
    command -v debootstrap >/dev/null || apt_install debootstrap
    "$main/scripts/debian-slim" "$suite" | "$DOCKER" import --change 'CMD ["bash"]' - "$name" >/dev/null
}

# Go fetches the release that a module asks for, but only from 1.21 on.
find_go() { # WHAT, to say what it is for
    command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin
    command -v go >/dev/null || fail "$1 has to be built, and there is no go: install Go 1.21 or later (https://go.dev/dl)."
    local minor
    minor=$(go version | sed -n 's/.* go1\.\([0-9]*\).*/\1/p')
    [ "${minor:-99}" -ge 21 ] || fail "$1 has to be built, and this go is too old: install Go 1.21 or later (https://go.dev/dl)."
}

# go_install MODULE@VERSION: into $tools, which a caller then finds it in.
go_install() {
    find_go "$1"
    say "Building $1"
    mkdir -p "$tools"
    GOBIN=$tools CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' "$1"
}

find_docker
