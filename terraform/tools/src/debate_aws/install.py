"""`debate-aws install`: what a person with helm and kubectl would do after an apply. Again: nothing changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from debate_aws import charts, cluster, images, node_images, secrets, web_files
from debate_aws.account import Account
from debate_aws.programs import AWS, HELM, KUBECTL, Kube, ProgramFailed
from debate_aws.project import Project, read_files
from debate_aws.say import Say, count
from debate_aws.values import Values, accounts, job_namespaces, merged, page_config, pods_to_pools
from debate_aws.values import images as images_of

RELEASE: Final = "debate"
NODES: Final = "nodes"
FAILED: Final = ("Failed", "True")
NAMESPACE_LABEL: Final = {"pod-security.kubernetes.io/enforce": "restricted"}


@dataclass(frozen=True)
class Plan:
    """What is to be there. files, node_files: values of a person for either chart."""

    project: Project
    account: Account
    outputs: Mapping[str, Any]
    secrets: Sequence[secrets.Secret] = ()
    files: Sequence[Path] = ()
    node_files: Sequence[Path] = ()
    pools: Values = field(default_factory=dict)

    @property
    def release_namespace(self) -> str:
        return str(self.outputs["namespaces"]["release"])

    @property
    def karpenter_namespace(self) -> str:
        return str(self.outputs["namespaces"]["karpenter"])

    @property
    def given(self) -> Values:
        """Values of debate-analyzer before a person's own."""
        return merged(self.outputs["helm_values"], self.pools, *(secret.values for secret in self.secrets))

    @property
    def values(self) -> Values:
        """All values, as the chart will see them."""
        return self.project.with_defaults(self.given, *read_files(self.files))

    @property
    def namespaces(self) -> list[str]:
        return sorted({self.release_namespace, *job_namespaces(self.outputs, self.values)})


def install(
    project: Project,
    outputs: Mapping[str, Any],
    kubeconfig: Path,
    files: Sequence[Path],
    node_files: Sequence[Path],
    say: Say,
) -> None:
    """All steps, each a line. Raises AccountError at the first that cannot be done."""
    account = Account(outputs["region"])
    say("tools", ", ".join(f"{program.name} {program.version()}" for program in (HELM, KUBECTL, AWS)))

    name = outputs["cluster_name"]
    found = cluster.active(account, name)
    kube = cluster.kube(account, name, kubeconfig)
    say("cluster", f"{name} in {account.region} answers: Kubernetes {cluster.server_version(kube, found)}")

    # All that is read, before anything is changed.
    nodes = charts.render(NODES, project.nodes_chart, outputs["node_values"], node_files)
    node_images.check(account, found["version"], nodes, say)
    pools = pods_to_pools(_pools(nodes))
    values, empty = secrets.read(account, outputs["secret_names"])
    plan = Plan(project, account, outputs, values, files, node_files, pools)
    wanted = accounts(outputs, plan.values)
    cluster.check_associations(account, name, wanted)
    say("roles", f"{count(len(wanted), 'service account')} with a role (Pod Identity)")
    pulled = images_of(plan.values, project.app_version)
    images.check(account, outputs["registry"]["host"], pulled)
    say("images", ", ".join(f"{image.repository.rsplit('/', 1)[-1]}:{image.tag}" for image in pulled))
    before = charts.installed(kube, plan.karpenter_namespace)
    for release in ("karpenter-crd", "karpenter"):
        charts.refuse_downgrade(release, before.get(release), charts.KARPENTER)

    _namespaces(kube, plan, say)
    _secrets(kube, plan, empty, say)
    _karpenter(kube, plan, say)
    _nodes(kube, plan, say)
    _failed_models(kube, plan, say)
    _release(kube, plan, say)
    if outputs["page"] is not None:
        publish_page(project, account, outputs, plan.values, say)
    print()
    for line in farewell(plan):
        print(line)


def publish_page(project: Project, account: Account, outputs: Mapping[str, Any], values: Values, say: Say) -> None:
    """The page's files for CloudFront. Raises AccountError."""
    wanted = web_files.files(project.web, page_config(values))
    web_files.publish(account, outputs["bucket"], outputs["page"]["distribution_id"], wanted, say)


def _pools(objects: list[Any]) -> list[Any]:
    return [item for item in objects if item["kind"] == "NodePool"]


def _namespaces(kube: Kube, plan: Plan, say: Say) -> None:
    kube.apply(
        *(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": NAMESPACE_LABEL}}
            for name in plan.namespaces
        ),
        fix="Ask for the right to make namespaces: who applied Terraform has it, and admin_principal_arns.",
    )
    say("namespaces", ", ".join(plan.namespaces))


def _secrets(kube: Kube, plan: Plan, empty: Sequence[str], say: Say) -> None:
    """Names alone are said, also where kubectl fails and would repeat what it was given."""
    jobs = job_namespaces(plan.outputs, plan.values)
    objects = [item for secret in plan.secrets for item in secret.objects(plan.release_namespace, jobs)]
    if objects:
        try:
            kube.apply(*objects)
        except ProgramFailed as error:
            what = secrets.without_values(error.what, plan.secrets)
            raise ProgramFailed(what, error.fix, "") from None
    for secret in plan.secrets:
        where = ", ".join(secret.namespaces(plan.release_namespace, jobs))
        say("secret", f"{secret.secret_id} -> {secret.name} ({where}); a changed value is taken by the next Job")
    for kind in empty:
        secret_id = plan.outputs["secret_names"][kind]
        say("secret", f"{secret_id} is empty, so it is left out. To give it a value, and then install again:")
        say("", secrets.how_to_put(plan.account.region, secret_id))


def _karpenter(kube: Kube, plan: Plan, say: Say) -> None:
    """Its CRDs first, by their own chart: helm never upgrades those that lie in a chart's crds/."""
    fix = (
        "If public.ecr.aws refuses: `helm registry logout public.ecr.aws`, since an old login is worse than none. "
        f"If it is not ready: kubectl --kubeconfig {kube.kubeconfig} -n {plan.karpenter_namespace} get pods"
    )
    for release, values, words in (
        ("karpenter-crd", {}, ()),
        ("karpenter", plan.outputs["karpenter_values"], ("--skip-crds",)),
    ):
        chart = f"{charts.KARPENTER_CHARTS}/{release}"
        pinned = ("--version", charts.KARPENTER, *words)
        charts.upgrade(kube, release, chart, plan.karpenter_namespace, values, *pinned, fix=fix)
    say("karpenter", f"{charts.KARPENTER} in {plan.karpenter_namespace}")


def _nodes(kube: Kube, plan: Plan, say: Say) -> None:
    charts.upgrade(
        *(kube, NODES, str(plan.project.nodes_chart), plan.release_namespace, plan.outputs["node_values"]),
        files=plan.node_files,
        fix="See charts/gpu-nodepool/values.yaml for what can be set.",
    )
    selected = [f"{kind}: {pool['nodeSelector']['karpenter.sh/nodepool']}" for kind, pool in sorted(plan.pools.items())]
    say("nodes", f"from zero, {', '.join(selected)}")


def _failed_models(kube: Kube, plan: Plan, say: Say) -> None:
    """A Job that failed to fetch models goes: what it lacked, such as a right token, may be there now.

    helm leaves a Job alone whose spec is as it was, and makes one that is missing.
    """
    namespace, label = plan.release_namespace, "app.kubernetes.io"
    selector = f"--selector={label}/instance={RELEASE},{label}/component=models"
    for job in kube.items("jobs", f"--namespace={namespace}", selector):
        failed = [one for one in job["status"].get("conditions", []) if (one["type"], one["status"]) == FAILED]
        if failed:
            kube.kubectl("delete", "job", job["metadata"]["name"], f"--namespace={namespace}", "--ignore-not-found")
            say("models", f"fetching them had failed ({failed[0].get('message', 'no reason given')}); it begins anew")


def _release(kube: Kube, plan: Plan, say: Say) -> None:
    charts.upgrade(
        *(kube, RELEASE, str(plan.project.chart), plan.release_namespace, plan.given),
        files=plan.files,
        fix=f"kubectl --kubeconfig {kube.kubeconfig} -n {plan.release_namespace} get pods,events",
    )
    say("release", f"{RELEASE} {plan.project.app_version} in {plan.release_namespace}")


def farewell(plan: Plan) -> list[str]:
    """What a user types next."""
    namespace = job_namespaces(plan.outputs, plan.values)[0]
    page = plan.outputs["page"]
    lines = [f"    {plan.outputs['kubeconfig_command']}"]
    lines += [f"    kubectl --namespace {namespace} apply -f DEBATE.yaml    # examples/ has one for every mode"]
    if page is not None:
        lines += [f"    open {page['url']}"]
    elif plan.values["web"]["ingress"]["enabled"]:
        lines += [f"    open https://{plan.values['web']['ingress']['host']}"]
    elif plan.values["web"]["enabled"]:
        lines += [
            f"    kubectl --namespace {plan.release_namespace} port-forward service/{RELEASE}-web 8080:80",
            "    open http://localhost:8080",
        ]
    return [
        "Next:",
        "",
        *lines,
        "",
        "    make -C terraform smoke    # does it work? The sample debate, some 15 minutes",
    ]
