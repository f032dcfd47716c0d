"""`debate-aws preflight`: everything that an apply, and the first debate after it, would otherwise stumble over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from debate_aws.account import Account, AccountError
from debate_aws.cli_options import Assignments, Folder, VarFiles
from debate_aws.preflight_capacity import check_kubernetes, check_machines, check_quotas
from debate_aws.preflight_identity import Identity, check_credentials, check_region
from debate_aws.preflight_names import (
    check_bucket,
    check_certificate,
    check_cluster_name,
    check_github_provider,
    check_spot_role,
)
from debate_aws.preflight_network import check_network
from debate_aws.preflight_site import Finding, Site, State, not_checked, pools_of
from debate_aws.preflight_tools import check_tools
from debate_aws.variables import Variables, read_variables

Check = Callable[[Site], Iterator[Finding]]

# Of the whole account first, then of the region. Each stands alone.
GLOBAL_CHECKS: Final[Sequence[tuple[str, Check]]] = (
    ("role for spot instances", check_spot_role),
    ("GitHub's OIDC provider", check_github_provider),
    ("certificate", check_certificate),
)
REGION_CHECKS: Final[Sequence[tuple[str, Check]]] = (
    ("machines", check_machines),
    ("version of Kubernetes", lambda site: check_kubernetes(site, datetime.now(UTC).date())),
    ("quotas", check_quotas),
    ("network", check_network),
    ("cluster's name", check_cluster_name),
    ("bucket's name", check_bucket),
)


def preflight(
    terraform: Folder = Path(),
    var_file: VarFiles = None,
    var: Assignments = None,
    tools: Annotated[bool, typer.Option(help="Also look for terraform, helm, aws, kubectl, docker.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """What must be in order before `terraform apply`, a line each, and under it what to do.

    ok: in order. FAIL: an apply or the first debate would fail, and this ends with 1. warn: works, but know of it.
    not checked: AWS would not say, mostly for want of a right. Only looks: nothing is made or changed.
    """
    variables = read_variables(terraform, var_files=var_file or (), assignments=var or ())
    findings: list[Finding] = []
    for finding in check_everything(terraform, variables, tools=tools):
        findings.append(finding)
        if not as_json:
            print(finding.text(), flush=True)
    failed = sum(one.state is State.FAIL for one in findings)
    if as_json:
        print(json.dumps([{"state": one.state, "what": one.what, "fixes": one.fixes} for one in findings], indent=2))
    elif failed:
        print(f"\n{failed} to mend before `terraform apply`.")
    else:
        print("\nReady for `terraform apply`.")
    raise typer.Exit(1 if failed else 0)


def check_everything(folder: Path, variables: Variables, *, tools: bool = True) -> Iterator[Finding]:
    """All findings in order; what does not depend on what fails goes on."""
    region = str(variables["region"])
    source = variables.sources.get("region", "variables.tf")
    if tools:
        yield from check_tools(str(variables["kubernetes_version"]))
    account = Account(region)
    identity = None
    for one in check_credentials(account):
        if isinstance(one, Identity):
            identity = one
        else:
            yield one
    if identity is None:
        yield _later([*GLOBAL_CHECKS, *REGION_CHECKS], "the credentials")
        return
    in_order = True
    for finding in check_region(account):
        in_order = in_order and finding.state is not State.FAIL
        yield Finding(finding.state, f"{finding.what} (from {source})", finding.fixes)
    site = Site(variables, account, identity.account_id, pools_of(folder))
    for title, check in GLOBAL_CHECKS:
        yield from _guarded(title, check, site)
    if not in_order:
        yield _later(REGION_CHECKS, "the region")
        return
    for title, check in REGION_CHECKS:
        yield from _guarded(title, check, site)


def _guarded(title: str, check: Check, site: Site) -> Iterator[Finding]:
    """An error of one check is a finding of that check."""
    try:
        yield from check(site)
    except AccountError as error:
        yield not_checked(f"{title}: {error.what}", error.fix)


def _later(checks: Sequence[tuple[str, Check]], before: str) -> Finding:
    return not_checked(f"{', '.join(title for title, _ in checks)}: {before} must be in order first")
