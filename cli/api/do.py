"""`partyline do`: one request of the API from a shell or a script."""

from __future__ import annotations

import argparse
import json
from typing import Any

import httpx
import msgspec

from cli.api.opening import opened
from cli.shared.command import Command
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.terminal import echo_json
from common.api.frames import ErrorAnswer
from common.api.rights import NEEDED
from integrations.client.access import ApiAccess

LIMIT_S = 70.0
"""More than the server waits for a worker."""
NAMES = sorted(cls.__name__ for cls in NEEDED)


def execute(args: argparse.Namespace) -> int:
    echo_json(ask(opened(), args.request, fields(args.fields)))
    return OK


def fields(words: list[str]) -> dict[str, Any]:
    """Return the fields of ``name=value`` words. A value that is JSON is taken as such, anything else as text."""
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(
                f"partyline do: {word!r} is not name=value.", "Example: `partyline do SetMute muted=true`."
            )
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
        if isinstance(found[name], int) and not isinstance(found[name], bool) and len(value.lstrip("-")) > 15:
            found[name] = value  # an account id is text, whatever its digits look like
    return found


def ask(at: ApiAccess, request: str, given: dict[str, Any]) -> Any:
    """Return the reply to one request. Raises `CommandError` with the server's words."""
    try:
        with httpx.Client(timeout=LIMIT_S, trust_env=False) as client:
            response = client.post(at.url(f"/requests/{request}"), json=given, headers=at.headers)
    except httpx.HTTPError as error:
        raise CommandError(f"The API at {at.base} does not answer: {error}.", "See `partyline status`.") from error
    if response.status_code == httpx.codes.OK:
        return response.json()
    try:
        refused = msgspec.json.decode(response.content, type=ErrorAnswer).error
    except msgspec.DecodeError as error:
        raise CommandError(
            f"{at.base} answered {response.status_code}, and not as partyline does.", "Check the address."
        ) from error
    raise CommandError(refused.message, refused.remedy, code=refused.code)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("request", metavar="REQUEST", help=f"one of {', '.join(NAMES)}")
    parser.add_argument("fields", nargs="*", metavar="NAME=VALUE", help="its fields; `partyline api schema` lists them")


COMMANDS = {
    "do": Command(
        description="Make one request of the API and print the reply as JSON.\n\n"
        "On this machine no key is needed. For another one set PARTYLINE_API_URL and PARTYLINE_API_KEY.",
        example="partyline do SetMute peer=3456789012345678901.PS5 muted=true",
        run=execute,
        arguments=_arguments,
    ),
}
