"""The images in the account's registry: are they there, and pushed from this machine where they are not."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from botocore.exceptions import ClientError

from debate_aws.account import Account, AccountError, error_code, explained
from debate_aws.programs import DOCKER, ProgramFailed
from debate_aws.say import Say
from debate_aws.values import Image

LOCAL: Final = "debate-analyzer"
"""Beginning of the names that `make images` gives."""

_BUILT_AS: Final = {"operator": "operator", "workerCpu": "worker-cpu", "workerGpu": "worker-gpu", "web": "web"}
_PLATFORM: Final = "amd64"


def missing(account: Account, registry: str, images: Iterable[Image]) -> list[Image]:
    """Those of this registry that are not in it. Raises AccountError."""
    client = account.client("ecr")
    return [image for image in images if image.registry == registry and not _is_there(client, image)]


def _is_there(client: object, image: Image) -> bool:
    which = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag}
    with explained(f"look for the image {image.name}"):
        try:
            client.describe_images(repositoryName=image.repository, imageIds=[which])  # type: ignore[attr-defined]
        except ClientError as error:
            if error_code(error) in {"ImageNotFoundException", "RepositoryNotFoundException"}:
                return False
            raise
    return True


def check(account: Account, registry: str, images: Iterable[Image]) -> None:
    """A pod that waits for an image that is not there says so only in its events. Raises AccountError."""
    lacking = missing(account, registry, images)
    if lacking:
        raise AccountError(
            "These images are not in the registry: " + ", ".join(image.name for image in lacking),
            "make -C terraform images    (builds and pushes them from here), or GitHub's workflow that pushes images.",
        )


def push(account: Account, registry: str, images: Iterable[Image], repository: Path, say: Say) -> None:
    """Builds what this machine lacks, and pushes what the registry lacks: a tag there never changes.

    repository: the project's folder. Raises AccountError.
    """
    wanted = list(images)
    lacking = missing(account, registry, wanted)
    for image in wanted:
        if image not in lacking:
            say("there", image.name)
    if not lacking:
        return
    for image in lacking:
        _have(image, repository, say)
    _log_in(account, registry)
    for image in lacking:
        say("push", image.name)
        DOCKER.run("tag", _local(image), image.name)
        DOCKER.stream("push", image.name, fix="Run this again: what has arrived is not sent twice.")


def _local(image: Image) -> str:
    return f"{LOCAL}/{image.repository.rsplit('/', 1)[1]}:{image.tag}"


def _have(image: Image, repository: Path, say: Say) -> None:
    """The image on this machine, built if it is not there."""
    try:
        architecture = _architecture(image)
    except ProgramFailed:
        say("build", _local(image))
        suffix = {"workerCpu": "-cpu", "workerGpu": "-gpu"}.get(image.part, "")
        done = subprocess.run(  # noqa: S603
            [repository / "scripts/images", _BUILT_AS[image.part]],
            env=os.environ | {"TAG": image.tag.removesuffix(suffix)},
            check=False,
        )
        if done.returncode:
            raise AccountError(f"{_local(image)} could not be built.", "See docs/container-images.md.") from None
        architecture = _architecture(image)
    if architecture != _PLATFORM:
        raise AccountError(
            f"{_local(image)} is for {architecture}, and the nodes are {_PLATFORM}.",
            f"docker image rm {_local(image)}; DOCKER_DEFAULT_PLATFORM=linux/{_PLATFORM} make -C terraform images "
            "(slow on another kind of machine; the workflow of GitHub is not)",
        )


def _architecture(image: Image) -> str:
    return DOCKER.run("image", "inspect", "--format", "{{.Architecture}}", _local(image)).strip()


def _log_in(account: Account, registry: str) -> None:
    """By standard input: the password, good for 12 hours, is in no list of processes."""
    with explained("log in to the registry"):
        (data,) = account.client("ecr").get_authorization_token()["authorizationData"]
    user, password = base64.b64decode(data["authorizationToken"]).decode().split(":", 1)
    DOCKER.run("login", "--username", user, "--password-stdin", registry, given=password)
