"""What an S3 answer means: worth another try, and which of our errors if not."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
)
from urllib3.exceptions import HTTPError

from debate_core.store.errors import (
    NoSuchStore,
    ObjectNotFound,
    StoreDenied,
    StoreError,
    StoreUnreachable,
)

# Everything that boto3 raises for an answer or for the lack of one. urllib3's own escape from a body that is read.
S3_ERRORS: Final = (ClientError, BotoCoreError, HTTPError)

_TRANSIENT_EXCEPTIONS: Final = (
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    HTTPError,
    CredentialRetrievalError,  # the agent on the node did not answer this once
)
_TRANSIENT_STATUS: Final = frozenset({429, 500, 502, 503, 504})
_TRANSIENT_CODES: Final = frozenset(
    {
        # Errors that S3 may send under other statuses: RequestTimeout is a 400, and a CompleteMultipartUpload that
        # failed after its headers were sent is a 200.
        "InternalError",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        # 409 while another conditional write of the key is under way.
        "ConditionalRequestConflict",
        "OperationAborted",
    }
)
_CREDENTIALS_MISSING: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    CredentialRetrievalError,
    TokenRetrievalError,
    NoAuthTokenError,
    SSOError,  # of `aws sso login`, absent or over
    LoginError,  # of `aws login`
    RefreshWithMFAUnsupportedError,
)
_CREDENTIALS_EXPIRED: Final = frozenset({"ExpiredToken", "TokenRefreshRequired", "RequestExpired"})
_WRONG_REGION: Final = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)


def code_of(error: BaseException) -> str:
    """The S3 error code; an answer without a body (to HEAD) has its HTTP status instead; '' for no answer."""
    return error.response["Error"].get("Code", "") if isinstance(error, ClientError) else ""


def status_of(error: BaseException) -> int:
    """The HTTP status, 0 where there was no answer."""
    return error.response["ResponseMetadata"]["HTTPStatusCode"] if isinstance(error, ClientError) else 0


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment. Never true for a 4xx of our own making."""
    if isinstance(error, ClientError):
        return status_of(error) in _TRANSIENT_STATUS or code_of(error) in _TRANSIENT_CODES
    return isinstance(error, _TRANSIENT_EXCEPTIONS)


def store_error(error: Exception, *, store: str, key: str) -> StoreError:
    """Our error for one of `S3_ERRORS`; key is '' for a request about the bucket itself."""
    if isinstance(error, _CREDENTIALS_MISSING) or code_of(error) in _CREDENTIALS_EXPIRED:
        return StoreUnreachable(
            f"There are no valid credentials for {store} ({error}): check the AWS profile, variables or pod identity."
        )
    if is_transient(error):
        return StoreUnreachable(f"{store} does not answer as it should ({error}): try again later.")
    if not isinstance(error, ClientError):
        return StoreError(f"The request to {store} could not be made ({error}): check the AWS settings.")
    return _refusal(error, store, key)


def denied_to_node(error: Exception, *, store: str) -> StoreUnreachable:
    """Our error where a pod was refused as its node: the next pod has its own credentials, so it is not final."""
    return StoreUnreachable(
        f"{store} denies access to the role of the node ({code_of(error)}), since this pod has no identity of its own: "
        "make the Pod Identity association of its service account (or annotate it, for IRSA); the next pod has it."
    )


def _refusal(error: ClientError, store: str, key: str) -> StoreError:
    code, status = code_of(error), status_of(error)
    if code == "NoSuchBucket" or (status == 404 and not key):
        return NoSuchStore(f"There is no bucket for {store}: check --store, or create the bucket.")
    if code == "NoSuchUpload":
        return StoreUnreachable(f"The upload of {key} was ended by somebody else: run again.")
    if status == 404:
        return ObjectNotFound(f"There is no object {key} in {store}.")
    if status == 412:
        return StoreUnreachable(f"{key} in {store} was written anew while it was read: run again.")
    if code == "RequestTimeTooSkewed":
        return StoreUnreachable(f"{store} refuses this machine's clock: set it right and run again.")
    if code in _WRONG_REGION or status == 301:
        return StoreDenied(f"{store} is in another region ({code}): set AWS_REGION to the bucket's.")
    if status in (401, 403):
        return StoreDenied(f"{store} denies access to {key or 'the bucket'} ({code}): check keys and policy.")
    return StoreError(f"{store} refused the request for {key or 'the bucket'}: {error}")
