"""Makes the bucket of the cluster's S3 server and brings the demo models and the sample debate into it.

`fill_bucket.py KUBECTL`, with KUBECONFIG set. What is there already, byte for byte, stays.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = "debates"
BUCKET = "debates"
ACCESS_KEY = "debates"
SECRET_KEY = "debates-on-kind"  # noqa: S105  # as in s3.yaml, of a server that only this machine reaches


@contextmanager
def port_forward(kubectl: str) -> Iterator[str]:
    """The server's address on this machine, while the block runs."""
    process = subprocess.Popen(
        [kubectl, "-n", NAMESPACE, "port-forward", "service/s3", ":7070"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()  # Forwarding from 127.0.0.1:41234 -> 7070
        if "->" not in line:
            raise SystemExit("fill_bucket: kubectl cannot reach the S3 server; it says why above.")
        yield f"http://{line.split()[2]}"
    finally:
        process.terminate()
        process.wait()


def files() -> Iterator[tuple[str, Path]]:
    """What belongs into the bucket: key and file."""
    models = ROOT / "examples" / "models"
    for path in sorted(models.rglob("*")):
        if path.is_file():
            yield f"models/{path.relative_to(models).as_posix()}", path
    yield "samples/sample-debate.mp4", ROOT / "examples" / "sample-debate.mp4"


def fill(s3: S3Client) -> int:
    """Upload what is missing or differs; returns how many objects that were."""
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=BUCKET)
    uploaded = 0
    for key, path in files():
        body = path.read_bytes()
        if _etag(s3, key) != hashlib.md5(body, usedforsecurity=False).hexdigest():
            s3.put_object(Bucket=BUCKET, Key=key, Body=body)
            uploaded += 1
    return uploaded


def _etag(s3: S3Client, key: str) -> str | None:
    try:
        return s3.head_object(Bucket=BUCKET, Key=key)["ETag"].strip('"')
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        return None


def main(kubectl: str) -> None:
    with port_forward(kubectl) as endpoint:
        s3 = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )
        uploaded = fill(s3)
    if uploaded:
        print(f"s3://{BUCKET}: {uploaded} objects uploaded", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
