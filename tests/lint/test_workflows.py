"""GitHub's workflows: valid, pinned, no right that a job does not need, no way in for who proposes a change."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from go_tools import ACTIONLINT
from go_tools import NoTool as NoGoTool
from python_tools import ZIZMOR, NoTool

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github/workflows"
WORKFLOWS = sorted(path.name for path in FOLDER.glob("*.yml"))
ACTIONS = sorted((ROOT / ".github/actions").glob("*/action.yml"))
AWS = "./.github/actions/aws"

Part = dict[str, Any]


def workflow(name: str) -> Part:
    """`on:` is the key "on" here, not the True that YAML 1.1 makes of it."""
    loaded: Part = yaml.load((FOLDER / name).read_text(encoding="utf-8"), yaml.BaseLoader)
    return loaded


def jobs(name: str) -> dict[str, Part]:
    found: dict[str, Part] = workflow(name)["jobs"]
    return found


def steps(name: str) -> Iterator[tuple[str, Part]]:
    for job, body in jobs(name).items():
        yield from ((job, step) for step in body.get("steps", []))


ALL_JOBS = [(name, job) for name in WORKFLOWS for job in jobs(name)]


def test_the_workflows_are_there() -> None:
    assert {"test.yml", "images.yml", "charts.yml", "terraform.yml", "web.yml", "release.yml"} <= set(WORKFLOWS)


def test_actionlint_finds_nothing() -> None:
    shellcheck = shutil.which("shellcheck")
    if shellcheck is None:  # without it actionlint would say nothing about what the steps run
        pytest.fail("There is no shellcheck: scripts/system-packages installs it.", pytrace=False)
    try:
        program = ACTIONLINT.find_or_build()
    except NoGoTool as error:
        pytest.fail(str(error), pytrace=False)

    done = subprocess.run([program, "-shellcheck", shellcheck], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing_of_weight() -> None:
    """Injection, credentials that stay in the checkout, caches that others fill, and some thirty things more.

    What is lighter is style: names of jobs, and `$/` for `./`, which actionlint does not know.
    """
    try:
        program = ZIZMOR.find_or_install() / "zizmor"
    except NoTool as error:
        pytest.fail(str(error), pytrace=False)

    done = subprocess.run(
        [program, "--offline", "--persona=auditor", "--min-severity=medium", ".github"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [*(FOLDER / name for name in WORKFLOWS), *ACTIONS], ids=lambda path: path.parent.name)
def test_actions_are_pinned_by_their_commit(path: Path) -> None:
    """With the version behind it, which dependabot moves along; a file of ours comes with the commit itself."""
    for used in re.findall(r"uses: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
        assert used.startswith("./") or re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), used


def test_an_action_has_one_commit() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (*(FOLDER / name for name in WORKFLOWS), *ACTIONS)]
    used = {one for text in texts for one in re.findall(r"uses: ([^.].*)$", text, re.MULTILINE)}
    assert len(used) == len({one.partition("@")[0] for one in used})


@pytest.mark.parametrize("name", WORKFLOWS)
class TestEachWorkflow:
    def test_has_no_right_but_what_a_job_says(self, name: str) -> None:
        assert workflow(name)["permissions"] == {}

    def test_never_runs_a_strangers_code_with_our_rights(self, name: str) -> None:
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & workflow(name)["on"].keys()

    def test_a_checkout_keeps_no_credentials(self, name: str) -> None:
        for _, step in steps(name):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] == "false"

    def test_what_a_step_runs_is_written_here(self, name: str) -> None:
        """Values come by the environment: an expression in a script is code by whoever names a branch."""
        for _, step in steps(name):
            assert "${{" not in step.get("run", "")

    def test_a_step_fails_with_the_first_part_of_a_pipe(self, name: str) -> None:
        """GitHub's default is `bash -e`; named, it is `bash -eo pipefail`."""
        assert workflow(name)["defaults"]["run"]["shell"] == "bash"

    def test_secrets_reach_what_needs_them_alone(self, name: str) -> None:
        for _, step in steps(name):
            given = str(step.get("env", "")) + str(step.get("with", ""))
            assert "secrets." not in given or step["uses"] == AWS
        assert "secrets: inherit" not in (FOLDER / name).read_text(encoding="utf-8")

    def test_does_not_run_beside_itself(self, name: str) -> None:
        called = workflow(name)["on"].keys() <= {"workflow_call"}  # by one that does not
        assert called or "concurrency" in workflow(name) or all("concurrency" in job for job in jobs(name).values())


@pytest.mark.parametrize(("name", "job"), ALL_JOBS)
class TestEachJob:
    def test_says_its_rights_and_its_end(self, name: str, job: str) -> None:
        body = jobs(name)[job]
        assert body["permissions"]
        assert "uses" in body or int(body["timeout-minutes"]) <= 100

    def test_writes_only_what_its_workflow_is_for(self, name: str, job: str) -> None:
        writes = {right for right, kind in jobs(name)[job]["permissions"].items() if kind == "write"}
        allowed = {
            "images.yml": {"packages", "id-token"},
            "charts.yml": {"packages", "id-token"},
            "web.yml": {"id-token"},
            "terraform.yml": {"id-token"} if job == "plan" else set(),
            "release.yml": {"contents"} if job == "publish" else {"packages", "id-token"},
        }
        assert writes <= allowed.get(name, set())

    def test_pull_requests_get_no_role_that_writes(self, name: str, job: str) -> None:
        body = jobs(name)[job]
        roles = [step["with"] for step in body.get("steps", []) if step.get("uses") == AWS]
        if "pull_request" not in workflow(name)["on"]:
            assert all(given["role"] == "${{ vars.AWS_ROLE_ARN }}" for given in roles)
            return
        assert all(given.keys() == {"region", "role"} and "PLAN" in given["role"] for given in roles)
        if roles:
            assert "head.repo.full_name == github.repository" in body["if"]


def test_the_role_is_given_on_refs_that_terraform_lets_in() -> None:
    """github_refs: the branch main, and tags that begin with v."""
    pushes = {name: workflow(name)["on"]["push"] for name in WORKFLOWS if "push" in workflow(name)["on"]}
    assert pushes["images.yml"] == {"branches": ["main"]}
    assert pushes["release.yml"] == {"tags": ["v*"]}
    text = (ROOT / "terraform/variables.tf").read_text(encoding="utf-8")
    assert '"refs/heads/main", "refs/tags/v*"' in text


def test_what_can_be_set_is_documented() -> None:
    texts = "".join((FOLDER / name).read_text(encoding="utf-8") for name in WORKFLOWS)
    settings = set(re.findall(r"(?:vars|secrets)\.([A-Z_]+)", texts))
    docs = (ROOT / "docs/releasing.md").read_text(encoding="utf-8")
    assert settings == set(re.findall(r"`((?:AWS|TERRAFORM|HELM)_[A-Z_]+)`", docs))


def test_a_release_waits_for_its_check() -> None:
    needs = {job: body.get("needs", []) for job, body in jobs("release.yml").items()}
    assert needs["images"] == "check"
    assert needs["charts"] == needs["web"] == "images"
    assert set(needs["publish"]) == {"check", "images", "charts"}


def test_continuous_integration_installs_what_the_tests_ask_for() -> None:
    """What scripts/system-packages names and the runner's image lacks."""
    script = (ROOT / "scripts/system-packages").read_text(encoding="utf-8")
    pairs = script.partition("for pair in ")[2].partition(";")[0].split()
    asked = [pair.partition(":")[2] for pair in pairs]
    installed = " ".join(step.get("run", "") for _, step in steps("test.yml"))
    on_the_image = {"git", "chromium", "golang-go", "postgresql"}
    assert {package for package in asked if package not in installed} == on_the_image


SHELL = [
    path
    for folder in (ROOT / "scripts", ROOT / ".ci")
    for path in sorted(folder.rglob("*"))
    if path.is_file() and re.match(rb"#!/bin/(ba)?sh\n", path.read_bytes()[:40])
]


def test_shellcheck_finds_nothing() -> None:
    program = shutil.which("shellcheck")
    if program is None:
        pytest.fail("There is no shellcheck: scripts/system-packages installs it.", pytrace=False)
    assert len(SHELL) > 10

    done = subprocess.run([program, "-x", *SHELL], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
