"""`partyline events`: what happens, as JSON lines, for a script to read."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import msgspec
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from cli.api.opening import opened
from cli.shared.command import Command, seconds
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import echo
from common.api import SUBPROTOCOL
from common.api.frames import LEVELS_HZ, MOST_LEVELS_HZ, ErrorAnswer, Since, Subscribe
from common.api.rights import TOPICS
from integrations.client.access import ApiAccess

WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Waits between two tries after the connection was lost. A restart of the dashboard takes 2 s."""
ANSWER_S = 20.0


def execute(args: argparse.Namespace) -> int:
    wanted = Subscribe(id=1, topics=tuple(args.topic), members=tuple(args.member), levels_hz=args.levels_hz)
    for frame in frames(opened(), wanted, time.monotonic() + args.seconds if args.seconds else None):
        sys.stdout.write(json.dumps(frame, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return OK


def frames(at: ApiAccess, wanted: Subscribe, until: float | None = None) -> Iterator[dict[str, Any]]:
    """Yield snapshots and events, over interruptions too, until `until` (monotonic). Raises `CommandError`."""
    since: Since | None = None
    run = ""
    tries = 0
    while until is None or time.monotonic() < until:
        try:
            for frame in _connection(at, msgspec.structs.replace(wanted, since=since), until):
                tries = 0
                run = frame.get("run", run)
                if frame["op"] in ("snapshot", "event"):
                    if frame["number"] is not None:  # a hello's or resumed's number is of changes that are not here yet
                        since = Since(run=run, number=frame["number"])
                    yield frame
        except (OSError, ConnectionClosed) as error:
            if tries >= len(WAITS_S):
                raise CommandError(
                    f"The API at {at.base} does not answer any more.", "See `partyline status`."
                ) from error
            if not tries:
                echo("The connection was lost. Trying again.", sys.stderr)
            time.sleep(WAITS_S[tries])
            tries += 1


def _connection(at: ApiAccess, wanted: Subscribe, until: float | None) -> Iterator[dict[str, Any]]:
    try:
        with connect(
            at.events_url,
            additional_headers=at.headers,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            proxy=None,
        ) as socket:
            socket.send(msgspec.json.encode(wanted).decode())
            while True:
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    return
                try:
                    frame = json.loads(socket.recv(timeout=left))
                except TimeoutError:
                    return
                if frame["op"] == "error":
                    raise CommandError(frame["error"]["message"], frame["error"]["remedy"], code=frame["error"]["code"])
                yield frame
    except InvalidStatus as error:
        raise _refused(at, error) from error
    except ConnectionClosed:
        raise
    except WebSocketException as error:
        raise CommandError(f"{at.base} does not answer as partyline does: {error}.", "Check the address.") from error


def _refused(at: ApiAccess, error: InvalidStatus) -> CommandError:
    try:
        refused = msgspec.json.decode(error.response.body or b"", type=ErrorAnswer).error
    except msgspec.DecodeError:
        return CommandError(f"{at.base} refused the connection ({error.response.status_code}).", "Check the address.")
    return CommandError(refused.message, refused.remedy, code=refused.code)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "topic", nargs="*", metavar="TOPIC",
        help=f"one of {', '.join(cls.TOPIC for cls in TOPICS)} (default: all but audio.levels)",
    )  # fmt: skip
    parser.add_argument("--member", action="append", default=[], help="account id or peer key; may be repeated")
    parser.add_argument(
        "--levels-hz", type=int, default=LEVELS_HZ, choices=range(1, MOST_LEVELS_HZ + 1), metavar="N",
        help=f"how often audio.levels come in a second, 1 to {MOST_LEVELS_HZ} (default: {LEVELS_HZ})",
    )  # fmt: skip
    parser.add_argument("--for", dest="seconds", type=seconds, metavar="SECONDS", help="end after this time")


COMMANDS = {
    "events": Command(
        description="Print what happens as JSON lines: first the present state, then each change.\n\n"
        "On this machine no key is needed. For another one set PARTYLINE_API_URL and PARTYLINE_API_KEY.",
        example="partyline events peer.speaking | jq -r .topic",
        run=execute,
        arguments=_arguments,
    ),
}
