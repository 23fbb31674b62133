"""The way into the API for commands: an API that is away counts as a pipeline that is not running."""

from __future__ import annotations

from cli.shared.failures import NotRunningError
from integrations.client.access import ApiAccess, ApiAwayError, access


def opened() -> ApiAccess:
    """Return where the API is, and the key. Raises `NotRunningError`, and what `access` raises."""
    try:
        return access()
    except ApiAwayError as error:
        raise NotRunningError(error.message, error.remedy) from error
