"""The account: credentials as the AWS command line finds them, and its errors in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

_PATIENCE: Final = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 5})

_DENIED: Final = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_REJECTED: Final = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "SignatureDoesNotMatch",
}


class AccountError(Exception):
    """What went wrong, in one sentence. fix: what to do, in another."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}\n{fix}")
        self.what = what
        self.fix = fix


class Denied(AccountError):
    """The credentials are good and may not do this."""


class Account:
    """One account in one region.

    Credentials come from where the AWS command line looks (AWS_PROFILE, AWS_ACCESS_KEY_ID, ~/.aws, the machine's role);
    AWS_ENDPOINT_URL goes to another server, as in the tests. Raises AccountError where there is no such profile.
    """

    def __init__(self, region: str) -> None:
        self.region = region
        with explained("use your AWS profile"):
            self._session = boto3.Session(region_name=region)
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of boto3. region: another one than the account's, such as us-east-1 for what is only there.

        Kept, since boto3 takes up to half a second to make one of EC2.
        """
        key = service, region or self.region
        if key not in self._clients:
            make: Any = self._session.client  # whose types name every service by itself
            with explained(f"ask {service} in {key[1]}"):
                self._clients[key] = make(service, region_name=key[1], config=_PATIENCE)
        return self._clients[key]


def home_of(region: str) -> str:
    """The region of its partition that every account has: what is asked there works whatever `region` is."""
    if region.startswith("cn-"):
        return "cn-north-1"
    return "us-gov-west-1" if region.startswith("us-gov-") else "us-east-1"


def error_code(error: ClientError) -> str:
    """AWS's own word for it, such as NoSuchEntity."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Errors of boto3 as AccountError. doing: what is being tried, such as "read the quota of GPUs"."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise AccountError(
            f"Cannot {doing}: no AWS credentials were found.",
            "Log in (`aws sso login`, `aws configure`), or set AWS_PROFILE.",
        ) from error
    except ProfileNotFound as error:
        raise AccountError(
            f"Cannot {doing}: {error}.", "Set AWS_PROFILE to one of `aws configure list-profiles`, or unset it."
        ) from error
    except (SSOError, TokenRetrievalError) as error:
        raise AccountError(f"Cannot {doing}: {error}", "Log in again (`aws sso login`), or set AWS_PROFILE.") from error
    except ClientError as error:
        code, message = error_code(error), error.response.get("Error", {}).get("Message", "")
        if code in _DENIED:
            raise Denied(
                f"Cannot {doing}: {message or code}", "Ask for this right, or use other credentials (AWS_PROFILE)."
            ) from error
        if code in _REJECTED:
            raise AccountError(
                f"Cannot {doing}: AWS does not accept the credentials ({code}).",
                "Log in again (`aws sso login`, `aws configure`), or set AWS_PROFILE.",
            ) from error
        raise AccountError(f"Cannot {doing}: {code}: {message}", "See the message of AWS above.") from error
    except BotoCoreError as error:
        raise AccountError(
            f"Cannot {doing}: {error}", "Check the region, the network and the proxy (HTTPS_PROXY)."
        ) from error
