"""The command line of the operator: `debate-operator`, `debate-operator doctor` and `debate-operator restore`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from debate_operator import logs
from debate_operator.crd_check import CrdUnfit
from debate_operator.doctor.parts import Part, Role
from debate_operator.kube import ApiError, ApiUnreachable, Kube
from debate_operator.runtime import Operator
from debate_operator.settings import Settings, SettingsInvalid

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

SettingsOption = Annotated[
    Path,
    typer.Option(
        "--settings", envvar="DEBATE_OPERATOR_SETTINGS", help="The settings (YAML), in the chart a ConfigMap."
    ),
]
DEFAULT_SETTINGS = Path("/etc/debate/settings.yaml")


@app.callback(invoke_without_command=True)
def run(context: typer.Context, settings: SettingsOption = DEFAULT_SETTINGS) -> None:
    """Watch DebateJobs and make their Kubernetes Jobs, until SIGTERM; then end within 20 s.

    The cluster is KUBECONFIG's, in a pod its own. Health and metrics are on port 8080 (/livez, /readyz, /metrics),
    workers post their progress to port 8081.
    """
    if context.invoked_subcommand is not None:
        context.obj = settings
        return
    logs.configure()
    try:
        asyncio.run(_run(Settings.load(settings)))
    except (SettingsInvalid, CrdUnfit, ApiUnreachable, ApiError) as error:
        structlog.get_logger().error(str(error))
        sys.exit(1)


async def _run(settings: Settings) -> None:
    async with Kube.connected() as kube:
        await Operator(kube, settings).run(asyncio.Event())


@app.command()
def doctor(
    context: typer.Context,
    only: Annotated[
        list[Part] | None,
        typer.Option(
            help="A part of the checks; may be repeated. cluster: what the operator itself needs; nodes: where pods "
            "find room; store: credentials, rights and models; progress: whether workers reach the operator; quota: of "
            "GPUs in AWS. [default: all]"
        ),
    ] = None,
    role: Annotated[
        Role, typer.Option("--as", help="Whose rights on the store are checked; by the credentials that you have.")
    ] = Role.WORKER,
) -> None:
    """Check whether debates can be worked on here, before one tries.

    Each check is a line, `ok` or `FAIL`, with how to fix what is wrong; `----` is not checked, and says how it can be.
    From a laptop it has your rights and credentials; `helm test` has those of the chart's service accounts. Exit code
    1 if anything failed.
    """
    sys.exit(asyncio.run(_doctor(context.obj, frozenset(only or Part), role)))


async def _doctor(settings: Path, parts: frozenset[Part], role: Role) -> int:
    # Here, because the operator itself does without what the checks import.
    from debate_operator.doctor.examination import examine
    from debate_operator.doctor.finding import summary

    findings = []
    async for finding in examine(settings, parts, role):
        typer.echo(str(finding))
        findings.append(finding)
    typer.echo(summary(findings))
    return 0 if all(finding.ok for finding in findings) else 1


@app.command()
def restore(
    store: Annotated[
        str, typer.Option("--store", envvar="DEBATE_STORE", help="The operator's store: s3://bucket/prefix.")
    ],
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", help="Make them here. [default: where each was]")
    ] = None,
    job_id: Annotated[
        list[str] | None, typer.Option("--job-id", help="This job; may be repeated. [default: all]")
    ] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Only those with work to do; the finished ones need no DebateJob.")
    ] = False,
) -> None:
    """Print the DebateJobs that the store knows, for `kubectl apply -f -`: after a cluster was lost, or in another one.

    Each has its job id written out and goes on from what is in the store. A finished one costs one short CPU pod, which
    finds its results; the page and the statistics need none of them, and --unfinished leaves them out. Have the same
    models first: with other ones a finished debate is analyzed anew.

    Notes go to stderr. Exit code 1 where a job that was named cannot be made anew.
    """
    # Here, because boto3 takes a third of a second to import, and the operator itself reads no store.
    from debate_core.ids import InvalidName
    from debate_core.store import StoreError, open_store
    from debate_operator import restore as kept

    try:
        found = kept.restore(open_store(store), job_ids=job_id or (), namespace=namespace, unfinished=unfinished)
    except (StoreError, InvalidName) as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    for line in kept.summary(found):
        typer.echo(line, err=True)
    typer.echo(kept.as_yaml(found), nl=False)
    sys.exit(1 if job_id and any(one.manifest is None for one in found) else 0)


def main() -> None:
    app()
