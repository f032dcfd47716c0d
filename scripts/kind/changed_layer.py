"""Writes the last layer of an image as an OCI archive: `changed_layer.py DOCKER NODE IMAGE`, to stdout.

For a node that has every other layer: after a change of our code it is given some megabytes, where `docker save`
writes gigabytes. Ends with 1, and writes nothing, where the node lacks more than that.
In our images the last layer is one folder, with our own code; its contents are taken from there.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from typing import Any

FOLDERS = {
    "debate-analyzer/operator": "opt/debate/app",
    "debate-analyzer/worker": "opt/debate/app",
    "debate-analyzer/web": "srv/web",
}
CONTENT = "/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256"
MEDIA_TYPE = "application/vnd.oci.image."


@dataclass(frozen=True)
class Blob:
    """A part of the archive. kind: the end of its media type."""

    kind: str
    body: bytes

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.body).hexdigest()}"

    @property
    def descriptor(self) -> dict[str, Any]:
        return {"mediaType": MEDIA_TYPE + self.kind, "digest": self.digest, "size": len(self.body)}


def read(*command: str) -> bytes:
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def layers_on_node(docker: str, node: str, diff_ids: list[str]) -> list[dict[str, Any]] | None:
    """Descriptors of the layers, which a node keeps as they are, uncompressed; None where it lacks one."""
    files = [f"{CONTENT}/{diff_id.removeprefix('sha256:')}" for diff_id in diff_ids]
    found = subprocess.run([docker, "exec", node, "stat", "-c", "%s", *files], capture_output=True, check=False)
    if found.returncode:
        return None
    return [
        {"mediaType": f"{MEDIA_TYPE}layer.v1.tar", "digest": diff_id, "size": int(size)}
        for diff_id, size in zip(diff_ids, found.stdout.split(), strict=True)
    ]


def archive(image: str, inspected: dict[str, Any], below: list[dict[str, Any]], top: bytes) -> bytes:
    """The image with `top` over the layers `below`: a tar with everything but those."""
    layer = Blob("layer.v1.tar", top)
    config = {
        "architecture": inspected["Architecture"],
        "os": inspected["Os"],
        "config": inspected["Config"],
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in below] + [layer.digest]},
    }
    described = Blob("config.v1+json", json.dumps(config).encode())
    manifest = {"schemaVersion": 2, "config": described.descriptor, "layers": [*below, layer.descriptor]}
    listed = Blob("manifest.v1+json", json.dumps(manifest).encode())
    named = listed.descriptor | {"annotations": {"io.containerd.image.name": f"docker.io/{image}"}}
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [named]}).encode()
    files |= {f"blobs/sha256/{blob.digest.removeprefix('sha256:')}": blob.body for blob in (layer, described, listed)}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, body in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def main(docker: str, node: str, image: str) -> int:
    folder = FOLDERS.get(image.partition(":")[0])
    if folder is None:
        return 1
    inspected = json.loads(read(docker, "image", "inspect", image))[0]
    below = layers_on_node(docker, node, inspected["RootFS"]["Layers"][:-1])
    if below is None:
        return 1
    # As root: the image's own user need not be able to read all of it.
    run = [docker, "run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "tar", image]
    top = read(*run, "-C", "/", "--sort=name", "--numeric-owner", "-c", folder)
    sys.stdout.buffer.write(archive(image, inspected, below, top))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
