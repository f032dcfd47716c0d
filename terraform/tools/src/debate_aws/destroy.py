"""`debate-aws destroy`: in the order that leaves nothing behind, and the proof. Interrupted: again, and it goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from debate_aws import cluster, inventory
from debate_aws.account import Account, AccountError, error_code, explained
from debate_aws.emptying import empty
from debate_aws.leftovers import AFTER, BEFORE
from debate_aws.programs import Kube
from debate_aws.root import Root
from debate_aws.say import Say, count
from debate_aws.sweep import POLL_S, find, sweep
from debate_aws.waiting import Clock, wait_until

NOTE: Final = ".destroy.json"
"""In terraform/: what a destroy that was cut off needs to go on, when Terraform has forgotten its outputs."""

_REMEMBERED: Final = ("cluster_name", "region", "bucket", "bucket_force_destroy", "namespaces")
_BUCKET: Final = "module.storage.aws_s3_bucket.store"
_OF_THE_BUCKET: Final = "module.storage.aws_s3_bucket"
_COPYING: Final = "module.storage.aws_s3_bucket_replication_configuration.store[0]"
_DATABASE: Final = "module.database[0].aws_db_instance.this"

LISTED_WITHIN_S: Final = 300.0
"""How long AWS's list by tags may be behind."""


@dataclass(frozen=True)
class Doomed:
    """What is to go. addresses: of Terraform's state."""

    root: Root
    account: Account
    known: dict[str, Any]
    addresses: frozenset[str]
    var_file: str
    kubeconfig: Path
    keep_bucket: bool

    @property
    def name(self) -> str:
        return str(self.known["cluster_name"])

    @property
    def bucket(self) -> str:
        return str(self.known["bucket"])

    @property
    def bucket_is_terraforms(self) -> bool:
        return _BUCKET in self.addresses

    @property
    def of_the_bucket(self) -> list[str]:
        """Addresses of the bucket and its settings. Not what copies it elsewhere, whose role goes, too."""
        return sorted(one for one in self.addresses if one.startswith(_OF_THE_BUCKET) and one != _COPYING)

    @property
    def bucket_stays(self) -> bool:
        return self.keep_bucket or not self.bucket_is_terraforms


def doomed(root: Root, var_file: str, kubeconfig: Path, *, keep_bucket: bool) -> Doomed | None:
    """What the last apply made, or a destroy that was cut off left; None: nothing is there. Raises AccountError."""
    addresses = frozenset(root.addresses())
    note = root.folder / NOTE
    known = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    if addresses:
        known |= {name: value for name, value in root.outputs_or_none().items() if name in _REMEMBERED}
    if not known and not addresses:
        return None
    missing = [name for name in _REMEMBERED if name not in known]
    if missing:
        # What a cluster left is found by its name, and a guessed one may be another installation's.
        raise AccountError(
            f"Terraform has made {count(len(addresses), 'resource')} and has no output {', '.join(missing)}: "
            "an apply did not come to its end.",
            f"Let it end, and then this again: terraform -chdir=terraform apply -var-file={var_file}\n"
            "     Or, where install never ran (it refuses such an account), Terraform alone is enough:\n"
            f"     terraform -chdir=terraform destroy -var-file={var_file}    (with each -var of that apply)",
        )
    return Doomed(root, Account(known["region"]), known, addresses, var_file, kubeconfig, keep_bucket)


def refuse_what_would_stop_half_way(what: Doomed) -> None:
    """What Terraform would refuse at its end, when the cluster is gone already. Raises AccountError."""
    must_be_empty = what.bucket_is_terraforms and not what.keep_bucket and not what.known["bucket_force_destroy"]
    if must_be_empty and _bucket_holds_something(what):
        raise AccountError(f"The bucket {what.bucket} is not empty, so nothing was deleted.", _choices(what))
    if _DATABASE in what.addresses and _database_is_protected(what):
        raise AccountError(
            "The database is protected from being deleted, so nothing was deleted.",
            f"terraform -chdir=terraform apply -var-file={what.var_file} -var database_protected=false    "
            "(then no last snapshot is made, either: make one first if you want it)",
        )


def _bucket_holds_something(what: Doomed) -> bool:
    """One that somebody deleted by hand does not."""
    with explained(f"look into the bucket {what.bucket}"):
        try:
            listed = what.account.client("s3").list_object_versions(Bucket=what.bucket, MaxKeys=1)
        except ClientError as error:
            if error_code(error) == "NoSuchBucket":
                return False
            raise
    return bool(listed.get("Versions") or listed.get("DeleteMarkers"))


def _choices(what: Doomed) -> str:
    return (
        "Choose:\n"
        "     keep it and all in it       make -C terraform destroy ARGS=--keep-bucket\n"
        "     delete it and all in it     terraform -chdir=terraform apply "
        f"-var-file={what.var_file} -var bucket_force_destroy=true\n"
        "                                 and then this again\n"
        f"     empty it yourself           aws s3 rm --recursive s3://{what.bucket}, and its older versions\n"
        "                                 (S3 in the console: Empty), and then this again"
    )


def _database_is_protected(what: Doomed) -> bool:
    with explained("look at the database"):
        pages = what.account.client("rds").get_paginator("describe_db_instances").paginate()
        listed = [one for page in pages for one in page["DBInstances"]]
    return any(one["DBInstanceIdentifier"] == f"{what.name}-database" and one["DeletionProtection"] for one in listed)


def tell(what: Doomed, say: Say) -> None:
    """What goes and what stays. Raises AccountError."""
    found = find(what.account, what.name)
    say("goes", f"the cluster {what.name} in {what.account.region}, with all that runs in it")
    say("goes", f"all that Terraform made: {count(len(what.addresses), 'resource')}")
    for one in found:
        say("goes", str(one))
    if not what.bucket_stays:
        full = (
            "with all that is in it (bucket_force_destroy)" if what.known["bucket_force_destroy"] else "if it is empty"
        )
        say("goes", f"the bucket {what.bucket}, {full}")
    elif _bucket_exists(what):
        say("stays", f"the bucket {what.bucket}, with all that is in it")
    say("stays", "the bucket of Terraform's state (terraform/bootstrap)")


def destroy(what: Doomed, say: Say, clock: Clock) -> bool:
    """Whether nothing is left. Raises AccountError where a step cannot be done; the next call goes on."""
    (what.root.folder / NOTE).write_text(json.dumps({key: what.known[key] for key in _REMEMBERED}), encoding="utf-8")
    reached = _reach(what, say)
    if reached is not None:
        empty(reached, what.account, what.name, what.known["namespaces"], say, clock)
    left = sweep(what.account, what.name, BEFORE, say, clock)
    if left:
        raise AccountError(
            f"{count(len(left), 'thing')} could not be deleted: Terraform would stop at the network.",
            "Look at each (above) in AWS's console: what holds it? Then run this again.",
        )
    if what.keep_bucket and what.bucket_is_terraforms:
        what.root.forget(what.of_the_bucket)
        say("kept", f"{what.bucket}: Terraform does not know it any more{_no_copies(what)}\n{_how_to_take_back(what)}")
    if what.addresses:
        say("terraform", f"destroy -var-file={what.var_file}")
        what.root.destroy(what.var_file, what.account.region)
    sweep(what.account, what.name, AFTER, say, clock)
    return _prove(what, say, clock)


def _no_copies(what: Doomed) -> str:
    return ", and it is not copied elsewhere any more" if _COPYING in what.addresses else ""


def _how_to_take_back(what: Doomed) -> str:
    return (
        "To go on with it one day, put this into terraform/import.tf before that apply:\n"
        f'import {{\n  to = {_BUCKET}\n  id = "{what.bucket}"\n}}'
    )


def _reach(what: Doomed, say: Say) -> Kube | None:
    """The cluster, where it still answers. Without it the sweep does what it can: no reason to stop."""
    found = cluster.describe(what.account, what.name)
    if found is None:
        say("cluster", f"{what.name} is not there any more: on to what it left")
        return None
    try:
        kube = cluster.kube(what.account, what.name, what.kubeconfig)
        version = cluster.server_version(kube, found)
    except AccountError as error:
        say("cluster", f"{what.name} does not answer: on to what it left\n{error.what}")
        return None
    say("cluster", f"{what.name} answers: Kubernetes {version}")
    return kube


def _prove(what: Doomed, say: Say, clock: Clock) -> bool:
    """Asks AWS for everything, by tag and by kind, and says what it answers."""
    stays = what.bucket_stays and _bucket_exists(what)

    def stay(arn: str) -> bool:
        """The bucket that is kept, and snapshots that somebody had made of the database, which takes its tags along."""
        return (stays and arn.endswith(f":s3:::{what.bucket}")) or (":rds:" in arn and ":snapshot:" in arn)

    def left_of(listed: Sequence[str]) -> list[str]:
        return [arn for arn in listed if not stay(arn)]

    wait_until(
        lambda: not left_of(inventory.tagged(what.account, what.name)[0]),
        within_s=LISTED_WITHIN_S,
        every_s=POLL_S,
        clock=clock,
    )
    listed, refused = inventory.tagged(what.account, what.name)
    left = [*left_of(listed), *map(str, find(what.account, what.name))]
    if cluster.describe(what.account, what.name) is not None:
        left.append(f"cluster {what.name}")
    say("asked", f"AWS for all with the tag debate-analyzer={what.name}, and for each kind that Kubernetes makes")
    if refused:
        say("not asked", f"{refused}, which these credentials may not: what has no region, such as CloudFront")
    for arn in listed:
        if ":snapshot:" in arn and stay(arn):
            say("stays", f"{arn}: yours, delete it when you want it no more")
    if left:
        for one in left:
            say("left", one)
        return False
    say("left", "nothing" + (f", but the bucket {what.bucket}" if stays else ""))
    for file in (what.root.folder / NOTE, what.kubeconfig):
        file.unlink(missing_ok=True)
    return True


def _bucket_exists(what: Doomed) -> bool:
    with explained(f"look for the bucket {what.bucket}"):
        try:
            what.account.client("s3").head_bucket(Bucket=what.bucket)
        except ClientError as error:
            if error_code(error) in {"404", "NoSuchBucket"}:
                return False
            raise
    return True


def confirmed(name: str, typed: str | None, ask: Callable[[str], str]) -> None:
    """Raises AccountError where it is not the cluster's name. typed: of --yes."""
    said = ask(f"Type {name} to delete it: ") if typed is None else typed
    if said.strip() != name:
        raise AccountError(f"{said.strip()!r} is not {name}: nothing was deleted.", f"Type {name}, or --yes {name}.")
