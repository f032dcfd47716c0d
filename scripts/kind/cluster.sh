# shellcheck shell=bash disable=SC2034
# What the scripts of this folder share: the cluster's name, its tools, its own kubeconfig. To be sourced.
# shellcheck source=scripts/containers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../containers.sh"
# shellcheck source=scripts/kind/versions
. "$main/scripts/kind/versions"

cluster=debate-analyzer
namespace=debates

# Of the scripts and the tests alone: the user's own kubeconfig, and its current context, stay as they are.
user_kubeconfig=${KUBECONFIG:-$HOME/.kube/config}
kubeconfig=$cache/kind/kubeconfig
export KUBECONFIG=$kubeconfig
tools_path=$("$main/scripts/kind/tools")
export PATH=$PATH:$tools_path

nodes() { kind get nodes --name "$cluster" 2>/dev/null; }

on_node() { "$DOCKER" exec "$@"; } # [-i] NODE COMMAND...
