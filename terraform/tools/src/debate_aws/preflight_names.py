"""What an account has once, or the world has once: is it free, or ours from an earlier apply?"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any, Final

from botocore.exceptions import ClientError

from debate_aws.account import error_code
from debate_aws.preflight_site import TAG, Finding, Site, asking, fail, ok, warn

_SPOT_ROLE: Final = "AWSServiceRoleForEC2Spot"
_GITHUB: Final = "token.actions.githubusercontent.com"
# CloudFront looks for certificates there, whatever your region.
_CERTIFICATES: Final = "us-east-1"


def check_cluster_name(site: Site) -> Iterator[Finding]:
    """Free in the region, and in the account, where roles have the same names in every region."""
    with asking("look for a cluster of this name", "eks:DescribeCluster"):
        cluster = _or_none(
            lambda: site.account.client("eks").describe_cluster(name=site.name)["cluster"], "ResourceNotFoundException"
        )
    if cluster is None:
        role = f"{site.name}-control-plane"
        if _role(site, role) is None:
            yield ok(f"cluster {site.name}: the name is free")
        else:
            yield warn(
                f"cluster {site.name}: not in {site.region}, and the account has its role {role}",
                "After an apply that was cut off: apply again, it goes on. "
                "With an installation of this name in another region: set another name (--var name=...).",
            )
    elif site.is_ours(cluster.get("tags", {})):
        yield ok(f"cluster {site.name}: there, and of this installation")
    else:
        yield fail(
            f"cluster {site.name}: there is one in {site.region} that this installation did not make",
            f"Set another name (--var name=...), or see whose it is: its tag {TAG} is missing or different.",
        )


def check_bucket(site: Site) -> Iterator[Finding]:
    """The bucket's name is the world's."""
    bucket = str(site.variables["bucket_name"] or f"{site.name}-{site.account_id}-{site.region}")
    other = "Set bucket_name to another one."
    s3: Any = site.account.client("s3")
    with asking("look for the bucket", "s3:ListBucket"):
        try:
            s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
            if status == 404:
                yield ok(f"bucket {bucket}: the name is free")
            elif status in {301, 400}:
                yield fail(f"bucket {bucket}: there is one in another region", other)
            elif status == 403:
                yield fail(f"bucket {bucket}: somebody else's, or you may not see it (s3:ListBucket)", other)
            else:
                raise
            return
    with asking("read the bucket's tags", "s3:GetBucketTagging"):
        tags = _or_none(lambda: s3.get_bucket_tagging(Bucket=bucket)["TagSet"], "NoSuchTagSet")
    # Not `terraform import`: of a state without the rest it cannot tell how many of each there are.
    take = (
        "put this into terraform/import.tf, a line each: "
        f'import {{ / to = module.storage.aws_s3_bucket.store / id = "{bucket}" / }}'
    )
    if site.is_ours(tags or []):
        yield ok(
            f"bucket {bucket}: there, and of this installation",
            f"If Terraform does not know it, as after a destroy that kept it, {take}",
        )
    else:
        yield fail(f"bucket {bucket}: yours, and this installation did not make it", f"{other} To take it over, {take}")


def check_spot_role(site: Site) -> Iterator[Finding]:
    """An account has the role once: without it no spot node starts, and who makes it twice fails."""
    role = _role(site, _SPOT_ROLE)
    wanted = bool(site.variables["create_spot_role"])
    if role is None and wanted:
        yield ok(f"role {_SPOT_ROLE}: not there yet, Terraform makes it")
    elif role is None:
        yield fail(
            f"role {_SPOT_ROLE}: missing, so no spot node can start",
            "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com",
            "or let Terraform make it: create_spot_role = true",
        )
    elif wanted and not site.is_ours(role.get("Tags", [])):
        yield fail(
            f"role {_SPOT_ROLE}: there already, and create_spot_role = true would make it again",
            "Set create_spot_role = false.",
        )
    else:
        yield ok(f"role {_SPOT_ROLE}: there")


def check_github_provider(site: Site) -> Iterator[Finding]:
    """Only where GitHub's workflows deliver."""
    if site.variables["github_repository"] is None:
        return
    iam = site.global_client("iam")
    with asking("list the OIDC providers", "iam:ListOpenIDConnectProviders"):
        arns = [one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    arn = next((one for one in arns if one.endswith(f"/{_GITHUB}")), None)
    wanted = bool(site.variables["create_github_provider"])
    if arn is None:
        yield (
            ok("GitHub's OIDC provider: not there yet, Terraform makes it")
            if wanted
            else fail(
                "GitHub's OIDC provider: missing, and create_github_provider = false",
                "Set create_github_provider = true.",
            )
        )
        return
    if wanted:
        with asking("read the provider's tags", "iam:ListOpenIDConnectProviderTags"):
            tags = iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"]
        if not site.is_ours(tags):
            yield fail(
                "GitHub's OIDC provider: there already, and an account has it once",
                "Set create_github_provider = false.",
            )
            return
    yield ok("GitHub's OIDC provider: there")


def check_certificate(site: Site) -> Iterator[Finding]:
    """Only with a domain: issued, and for this domain."""
    arn, domain = site.variables["certificate_arn"], site.variables["domain"]
    if arn is None:
        return
    with asking("look at the certificate", "acm:DescribeCertificate"):
        found = _or_none(
            lambda: site.account.client("acm", _CERTIFICATES).describe_certificate(CertificateArn=arn)["Certificate"],
            "ResourceNotFoundException",
        )
    if found is None:
        yield fail(
            f"certificate {arn}: there is none in {_CERTIFICATES}",
            f"aws acm request-certificate --region {_CERTIFICATES} --domain-name {domain} --validation-method DNS",
        )
    elif found["Status"] != "ISSUED":
        yield fail(
            f"certificate of {found['DomainName']}: {found['Status']}",
            "Make the record of DNS that its page in ACM shows, and wait until it is issued.",
        )
    elif not _covers([found["DomainName"], *found.get("SubjectAlternativeNames", [])], str(domain)):
        yield fail(
            f"certificate of {found['DomainName']}: not for {domain}",
            "Request one for this domain, or set another domain.",
        )
    else:
        yield ok(f"certificate of {found['DomainName']}: issued")


def _role(site: Site, name: str) -> Any:
    """None where the account has no such role."""
    iam = site.global_client("iam")
    with asking(f"look for the role {name}", "iam:GetRole"):
        return _or_none(lambda: iam.get_role(RoleName=name)["Role"], "NoSuchEntity")


def _covers(names: list[str], domain: str) -> bool:
    """A * stands for one label."""
    return any(fnmatch(domain, name) and domain.count(".") == name.count(".") for name in names)


def _or_none(ask: Any, missing: str) -> Any:
    """None where AWS answers with this error."""
    try:
        return ask()
    except ClientError as error:
        if error_code(error) == missing:
            return None
        raise
