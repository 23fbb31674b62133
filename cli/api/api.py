"""`partyline api`: the keys of the API, what each right allows, and its schema."""

from __future__ import annotations

import argparse
import sys
import time

from cli.shared.command import Command, json_option, part
from cli.shared.failures import OK
from cli.shared.terminal import Style, Table, echo, echo_json, printable
from common.api import PATH, key_uses, keys, rights_table
from common.api.rights import MAY, RIGHTS
from common.api.schema import asyncapi, openapi
from common.config.pages import base_url
from common.config.settings import load
from common.files.paths import Paths


def execute(args: argparse.Namespace) -> int:
    status: int = args.do(args)
    return status


def schema(args: argparse.Namespace) -> int:
    echo_json(asyncapi() if args.events else openapi())
    return OK


def rights(_: argparse.Namespace) -> int:
    for line in rights_table.lines():
        echo(line)
    return OK


def add(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    paths.make()
    made, text = keys.make(paths, args.name, args.right, tuple(args.also))
    if args.json:
        echo_json({"id": made.key_id, "name": made.name, "right": made.right, "also": made.also, "key": text})
        return OK
    echo(text)
    base = base_url(load(paths).dashboard)
    echo(f"This key of {printable(made.name)} has the right “{made.right}”. It is shown this once.", sys.stderr)
    echo(f"It may {MAY[made.right]}.", sys.stderr)
    echo(f"The API is at {base}{PATH}, and explained at {base}/api.", sys.stderr)
    return OK


def show(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    present, used_at = keys.load(paths), key_uses.load(paths)
    if args.json:
        echo_json([
            {
                "id": key.key_id, "name": key.name, "right": key.right, "also": key.also, "made_at": key.made_at,
                "used_at": used_at.get(key.key_id),
            }
            for key in present
        ])  # fmt: skip
        return OK
    if not present:
        echo("There is no key. `partyline api key add NAME` makes one.")
        return OK
    rows = [
        [
            key.key_id,
            printable(key.name),
            " + ".join((key.right, *key.also)),
            _day(key.made_at),
            _day(used_at.get(key.key_id)),
        ]
        for key in present
    ]
    for line in Table(["ID", "NAME", "RIGHT", "MADE", "USED"], rows).lines(Style.of(sys.stdout)):
        echo(line)
    return OK


def _day(at: float | None) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at)) if at is not None else "never"


def rename(args: argparse.Namespace) -> int:
    renamed = keys.rename(Paths.of_environment(), args.name, args.new)
    echo(f"The key is called {printable(renamed.name)} now.")
    return OK


def remove(args: argparse.Namespace) -> int:
    gone = keys.remove(Paths.of_environment(), args.name)
    echo(f"The key of {printable(gone.name)} is not valid any more.")
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    one = part(parts, "schema", "print the contract as OpenAPI, or that of the events as AsyncAPI", schema)
    one.add_argument("--events", action="store_true", help="the AsyncAPI document of the WebSocket")
    part(parts, "rights", "print what each kind of key may do, as Markdown", rights)
    of_keys = parts.add_parser("key", help="make, list and revoke keys", allow_abbrev=False)
    actions = of_keys.add_subparsers(title="actions", metavar="ACTION", required=True)
    one = part(actions, "add", "make a key and print it, once", add)
    one.add_argument("name", help="the program that will use it, e.g. 'Stream Deck'")
    one.add_argument(
        "--right", choices=RIGHTS, default="control",
        help=f"what it may do (default: control). {'. '.join(f'{right}: {MAY[right]}' for right in RIGHTS)}",
    )  # fmt: skip
    one.add_argument("--also", action="append", default=[], metavar="REQUEST", help="allow this request besides")
    json_option(one)
    one = part(actions, "list", "list the keys", show)
    json_option(one)
    one = part(actions, "rename", "give a key another name", rename)
    one.add_argument("name", help="its name or id")
    one.add_argument("new", help="its new name")
    one = part(actions, "remove", "revoke a key", remove)
    one.add_argument("name", help="its name or id")


COMMANDS = {
    "api": Command(
        description="The API for other programs: buttons, faders, scripts. It is served on the dashboard's port.",
        example="partyline api key add 'Stream Deck' --right control",
        run=execute,
        arguments=_arguments,
    ),
}
