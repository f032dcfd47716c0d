"""The commands for what Terraform has made: images, install, web, smoke, destroy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from debate_aws import destroy as destroying
from debate_aws import images as registry
from debate_aws import install as installing
from debate_aws import smoke as trying
from debate_aws.account import Account, AccountError
from debate_aws.belongs import INSTALLATION
from debate_aws.cluster import KUBECONFIG
from debate_aws.cluster import active as active_cluster
from debate_aws.cluster import kube as kube_of
from debate_aws.programs import Kube
from debate_aws.project import Project, read_files
from debate_aws.root import Root
from debate_aws.say import say
from debate_aws.values import images as images_of
from debate_aws.waiting import SystemClock

Folder = Annotated[Path, typer.Option("--terraform", metavar="DIR", help="The folder with main.tf.")]
Files = Annotated[
    list[Path] | None,
    typer.Option("--values", metavar="FILE", help="Values of charts/debate-analyzer that win; may be given again."),
]
NodeFiles = Annotated[
    list[Path] | None,
    typer.Option("--node-values", metavar="FILE", help="Values of charts/gpu-nodepool that win; may be given again."),
]
Kubeconfig = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Where the cluster is written to, becoming that file's current context. "
        "Default: a file of its own, terraform/.kubeconfig.",
    ),
]


def _root(folder: Path) -> Root:
    """Also from the project's own folder. Raises AccountError."""
    for candidate in (folder, folder / "terraform"):
        if (candidate / "main.tf").is_file():
            return Root(candidate.resolve())
    raise AccountError(
        f"There is no main.tf in {folder.resolve()}.", "Run it from terraform/, or give --terraform DIR."
    )


def _project(root: Root) -> Project:
    return Project(root.folder.parent)


def _values(outputs: dict[str, Any], project: Project, files: Sequence[Path]) -> dict[str, Any]:
    return project.with_defaults(outputs["helm_values"], *read_files(files))


def push_images(terraform: Folder = Path(), values: Files = None) -> None:
    """Builds the images that the account's registry lacks, and pushes them. What is there stays as it is."""
    root = _root(terraform)
    project, outputs = _project(root), root.outputs()
    wanted = images_of(_values(outputs, project, values or []), project.app_version)
    registry.push(Account(outputs["region"]), outputs["registry"]["host"], wanted, project.folder, say)


def install(
    terraform: Folder = Path(), values: Files = None, node_values: NodeFiles = None, kubeconfig: Kubeconfig = None
) -> None:
    """Karpenter, node pools, secrets and the chart, after an apply. Again after a change: it changes what differs."""
    root = _root(terraform)
    where = kubeconfig or root.folder / KUBECONFIG
    installing.install(_project(root), root.outputs(), where, values or [], node_values or [], say)


def web(terraform: Folder = Path(), values: Files = None) -> None:
    """Puts the page where CloudFront reads it; part of install. statistics/ is not touched."""
    root = _root(terraform)
    project, outputs = _project(root), root.outputs()
    if outputs["page"] is None:
        raise AccountError(
            "There is no CloudFront here (cdn = false): the cluster serves the page.", "Nothing is to do."
        )
    account = Account(outputs["region"])
    installing.publish_page(project, account, outputs, _values(outputs, project, values or []), say)


def smoke(
    terraform: Folder = Path(),
    kubeconfig: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of another cluster than Terraform's: then --store, too.")
    ] = None,
    context: Annotated[str | None, typer.Option(metavar="NAME", help="In that kubeconfig.")] = None,
    namespace: Annotated[str | None, typer.Option(help="Of the debate. Default: the first with DebateJobs.")] = None,
    store: Annotated[
        str | None, typer.Option(metavar="URI", help="s3://bucket[/prefix], the chart's store.uri.")
    ] = None,
    region: Annotated[str, typer.Option(help="Of that store.")] = "us-east-1",
    source: Annotated[
        str | None,
        typer.Option("--object", metavar="URI", help="A video in a bucket, instead of the sample debate."),
    ] = None,
    language: Annotated[str, typer.Option(help="Of the video, or auto.")] = "en",
    model: Annotated[str | None, typer.Option(help="Whisper model. Default: the DebateJob's own.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the debate and its outputs.")] = False,
    minutes: Annotated[int, typer.Option(min=1, help="Patience: a first GPU node and image take some ten.")] = 45,
) -> None:
    """Does it work? The sample debate from video to statistics, and then deleted. Exit code 1: it does not."""
    now = trying.new_name(datetime.now(UTC))
    if kubeconfig or context:
        if store is None:
            raise AccountError(
                "Where does this cluster keep its debates?", "--store s3://bucket, as store.uri of the chart."
            )
        project = _project(_root(terraform))
        place, page = trying.Store(Account(region), store), None
        kube, where = Kube(kubeconfig, context), namespace or "debates"
    else:
        root = _root(terraform)
        project, outputs = _project(root), root.outputs()
        account, values = Account(outputs["region"]), outputs["helm_values"]
        place = trying.Store(account, values["store"]["uri"])
        page = outputs["page"]["url"] if outputs["page"] else None
        active_cluster(account, outputs["cluster_name"])
        kube = kube_of(account, outputs["cluster_name"], root.folder / KUBECONFIG)
        where = namespace or (values.get("namespaces") or [outputs["namespaces"]["release"]])[0]
    trying.check_video(project.sample)
    trial = trying.Trial(kube, where, place, now, project.sample, source, language, model, page)
    try:
        worked = trying.smoke(trial, within_s=minutes * 60, keep=keep, say=say, clock=SystemClock())
    except KeyboardInterrupt:
        say("stopped", f"The debate goes on, if it was begun:\n{trial.watch}")
        raise typer.Exit(130) from None
    if not worked:
        raise typer.Exit(1)


def destroy(
    terraform: Folder = Path(),
    var_file: Annotated[str, typer.Option(metavar="FILE", help="As of the last apply.")] = "lean.tfvars",
    yes: Annotated[
        str | None, typer.Option(metavar="NAME", help="The cluster's name, instead of typing it when asked.")
    ] = None,
    keep_bucket: Annotated[bool, typer.Option("--keep-bucket", help="The bucket stays, with all debates.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Says what would go, and ends.")] = False,
) -> None:
    """Deletes cluster and account's part, sweeps what Kubernetes left, and proves that nothing stays."""
    root = _root(terraform)
    what = destroying.doomed(root, var_file, root.folder / KUBECONFIG, keep_bucket=keep_bucket)
    if what is None:
        say("nothing", f"Terraform has made nothing in {root.folder}: there is nothing to destroy.")
        return
    destroying.tell(what, say)
    destroying.refuse_what_would_stop_half_way(what)
    if dry_run:
        return
    destroying.confirmed(what.name, yes, typer.prompt)
    if not destroying.destroy(what, say, SystemClock()):
        raise AccountError(
            f"The above is left, with the tag {INSTALLATION}={what.name} or of a kind that the cluster made.",
            "Run this again in some minutes: AWS may be late. What stays then has to be deleted by hand.",
        )


def add_to(app: typer.Typer) -> None:
    """In the order of use."""
    app.command("push-images")(push_images)
    for command in (install, web, smoke, destroy):
        app.command()(command)
