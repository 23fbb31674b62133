"""A single action of auth in a separate process, while the pipeline is not running."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from common.errors import ErrorReply, SignInError

LIMIT_S = 120.0


def run_auth(*words: str, stdin: str = "", env: dict[str, str] | None = None) -> dict[str, Any]:
    """Run ``python -m workers.auth WORDS`` and return its answer. Raises the `PartylineError` that it reports."""
    try:
        done = subprocess.run(  # noqa: S603  # our own words, no shell
            [sys.executable, "-P", "-m", "workers.auth", *words],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(env or {})},
            timeout=LIMIT_S,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        succeeded = answer["ok"]
    except (subprocess.TimeoutExpired, ValueError, IndexError, KeyError, TypeError) as error:
        raise SignInError(
            f"The auth process did not report the result of `{words[0]}`.",
            "Start the pipeline with `partyline up` and try again.",
        ) from error
    if not succeeded:
        fields = {key: str(answer.get(key, "")) for key in ("code", "message", "remedy", "reference_id")}
        raise ErrorReply(**fields).error()
    return answer
