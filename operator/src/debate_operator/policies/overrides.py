"""What spec.podOverrides may ask for: only what the settings list. Who may create a DebateJob must not gain more."""

from __future__ import annotations

from debate_core.documents.debatejob import PodOverrides
from debate_core.errors import InvalidJob
from debate_operator.settings import WorkerSettings


def check(overrides: PodOverrides, workers: WorkerSettings) -> None:
    """Raises InvalidJob for a service account, an annotation or a variable that the settings do not allow."""
    account = overrides.service_account_name
    allowed = {workers.service_account_name, *workers.allowed_service_accounts}
    if account is not None and account not in allowed:
        raise InvalidJob(
            f"spec.podOverrides.serviceAccountName: {account} is not allowed here; "
            f"allowed are {', '.join(sorted(allowed))} (the operator's setting workers.allowedServiceAccounts)"
        )
    for annotation in overrides.annotations:
        if not annotation.startswith(tuple(workers.allowed_annotations)):
            raise InvalidJob(
                f"spec.podOverrides.annotations: {annotation} is not allowed here; allowed are those that begin with "
                f"{', '.join(sorted(workers.allowed_annotations))} (the operator's setting workers.allowedAnnotations)"
            )
    for variable in overrides.env:
        if variable.name not in workers.allowed_env:
            raise InvalidJob(
                f"spec.podOverrides.env: {variable.name} is not allowed here; "
                f"allowed are {', '.join(sorted(workers.allowed_env))} (the operator's setting workers.allowedEnv)"
            )
