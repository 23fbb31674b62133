"""`partyline probe`, the first run on the real network, step by step."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

from cli.pipeline.foreground import signals
from cli.pipeline.launch import SupervisordChild
from cli.probe import rehearsal
from cli.probe.operators import Hands, Person
from cli.probe.results import notes_changes
from cli.probe.results.run_folder import RECORD, read
from cli.probe.run import Evening, Plan
from cli.probe.steps.context import Limits
from cli.shared import supervisor as supervisors
from cli.shared.command import Command, part
from cli.shared.connect import open_bus, run
from cli.shared.failures import FAILED, INTERRUPTED, OK, CommandError
from cli.shared.output import Style, counted, say, words
from cli.shared.supervisor import conf_file
from common.config.settings import load
from common.files.paths import CHECKOUT, Paths

REHEARSED = Limits(hold_s=3.5, deed_s=20.0, push_s=60.0, connect_s=150.0, voice_s=60.0, heard_s=1.0, shape_s=10.0)
"""Limits of a rehearsal. The simulator's consoles offer within 1.9 s, and act at once on request."""


def probe(args: argparse.Namespace) -> int:
    do = getattr(args, "do", None)
    if do is not None:
        status: int = do(args)
        return status
    _checked(args)
    return run(_rehearse(args) if args.rehearse else _real(args))


def tell(args: argparse.Namespace) -> int:
    """Print what a run's folder changes in notes/."""
    place = Path(args.folder).expanduser()
    for line in notes_changes.changes(read(place), CHECKOUT / "notes"):
        say(line)
    return OK


def _checked(args: argparse.Namespace) -> None:
    if args.rehearse and args.resume:
        raise CommandError("A rehearsal is not resumed: it is short.", "Run it again with the same --seed.")


# --- on the real network -------------------------------------------------------------------------------


async def _real(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    settings = load(paths)
    if settings.psn.realm != "playstation":
        raise CommandError(
            "The pipeline uses the simulator, which tells nothing of Sony's servers.",
            "Run `partyline login` first, or `partyline probe --rehearse` to see what this does.",
        )
    place = _place(args.resume, paths, "")
    hands = Person(asks=not args.yes)
    async with AsyncExitStack() as stack:
        if supervisors.find(paths, args.conf) is None:
            say("The pipeline is not running: it is started for this run, and stopped after it.")
            child = await SupervisordChild.start(conf_file(args.conf), paths)
            stack.push_async_callback(child.stop)
        plan = Plan(place=place, settings=settings, resume=bool(args.resume), link=args.link)
        evening = await _played(stack, paths, hands, plan, Limits())
    return _end(evening)


async def _played(stack: AsyncExitStack, paths: Paths, hands: Hands, plan: Plan, limits: Limits) -> Evening:
    bus = await stack.enter_async_context(open_bus(paths))
    evening = Evening(bus, paths, hands, plan, limits)
    await _until_done(evening)
    return evening


async def _until_done(evening: Evening) -> None:
    """Run it until it ends or SIGINT, SIGTERM or SIGHUP arrives. The party is left in each case."""
    async with signals() as stop:
        running = asyncio.create_task(evening.run())
        asked = asyncio.create_task(stop.get())
        await asyncio.wait({running, asked}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            evening.stopped_by = asked.result()
            running.cancel()
            with contextlib.suppress(OSError):  # leave the party even if the terminal is gone
                say("\nLeaving the party …", sys.stderr)
        asked.cancel()
        results = await asyncio.gather(running, asked, return_exceptions=True)
    fault = results[0]
    if isinstance(fault, BaseException) and not isinstance(fault, asyncio.CancelledError):
        raise fault


def _end(evening: Evening) -> int:
    style = Style.of(sys.stdout)
    record = evening.record
    say()
    for line in evening.summary():
        say(line)
    if not (evening.plan.place / RECORD).exists():
        say("Nothing was found out, so nothing was written.")
        return INTERRUPTED if evening.stopped_by is signal.SIGINT else FAILED
    say(f"The folder is {evening.plan.place}; nothing in it names you. Have a look, then attach it as it is.")
    say(f"`partyline probe report {evening.plan.place}` says what it changes in notes/.")
    if evening.leaks:
        say(style(f"{counted(len(evening.leaks), 'thing')} in it may be real: do not share it.", "red"))
        say(f"`partyline capture verify {evening.plan.place}` lists them.")
    if record.left is False:
        say(style("The leave was not confirmed: run `partyline leave`.", "red"))
    if evening.stopped_by is signal.SIGINT:
        return INTERRUPTED
    return FAILED if evening.leaks or record.left is False or not record.finished else OK


# --- the rehearsal -------------------------------------------------------------------------------------


async def _rehearse(args: argparse.Namespace) -> int:
    drawn = rehearsal.draw(args.seed)
    place = _place(args.out, Paths.of_environment(), "-rehearsal")
    say(f"A rehearsal: a simulator and a pipeline of their own, the unknowns drawn with seed {args.seed}.")
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(rehearsal.staged(drawn))
        settings = load(stage.paths, {})
        info = stage.info
        plan = Plan(place, settings, link=info.session_id, npsso=info.npsso, seed=args.seed, drawn=drawn)
        hands = rehearsal.Consoles(stage.control, args.seed)
        evening = await _played(stack, stage.paths, hands, plan, REHEARSED)
        if evening.stopped_by is None:
            evening.judge(await stage.control.unfit())
    status = _end(evening)
    missed = [f"{one.name} ({one.way})" for one in evening.record.drawn if one.found == "missed"]
    if missed:
        say(Style.of(sys.stdout)(f"Missed: {words(missed)}.", "red"))
    return status or (FAILED if missed else OK)


def _place(given: str, paths: Paths, more: str) -> Path:
    """Return the path of the run's folder."""
    if given:
        return Path(given).expanduser()
    return paths.home / f"probe-{time.strftime('%Y-%m-%d-%H%M%S')}{more}"


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 999999999")
    return int(text)


def _arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--yes", action="store_true", help="ask nothing; what is to be done at the console is still said")
    add("--resume", metavar="FOLDER", default="", help="go on with a run: parts that were finished are not repeated")
    add("--link", default="", help="share link or id of the console's party, for the second half")
    add("--rehearse", action="store_true", help="against a simulator whose unknowns are drawn at random")
    add("--seed", type=_seed, default=1, metavar="N", help="of the rehearsal's draw (default 1)")
    add("--out", metavar="FOLDER", default="", help="where a rehearsal's folder goes")
    add("--conf", metavar="FILE", default="", help=argparse.SUPPRESS)
    parts = parser.add_subparsers(title="afterwards", metavar="report FOLDER", required=False)
    one = part(parts, "report", "say which lines of notes/ a run's folder changes", tell)
    one.add_argument("folder", metavar="FOLDER", help="what the run wrote")


COMMANDS = {
    "probe": Command(
        description="Find out what is not known of PlayStation's servers: a guided run for one person with a console.\n"
        "It makes a party, has the console join, joins the console's, and says after each step what Sony answered\n"
        "and what that settles. It asks before anything that others can see, makes few calls, and leaves at the end.\n"
        "Its folder names nobody and can be attached to a bug report. A second console (or a friend) is optional.",
        example="partyline probe\n  partyline probe --rehearse --seed 7\n  partyline probe report FOLDER",
        run=probe,
        arguments=_arguments,
    )
}
