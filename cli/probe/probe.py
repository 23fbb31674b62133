"""`partyline probe`, a guided run on the real network, step by step."""

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
from cli.probe.operators import Operator, TerminalOperator
from cli.probe.results import notes_changes
from cli.probe.results.run_folder import RECORD, read
from cli.probe.run import ProbeRun, RunPlan
from cli.probe.simulated_operator import SimulatedOperator
from cli.probe.steps.context import StepLimits
from cli.shared import supervisor as supervisors
from cli.shared.command import Command, part
from cli.shared.connect import open_bus, run
from cli.shared.failures import FAILED, INTERRUPTED, OK, CommandError
from cli.shared.supervisor import conf_file
from cli.shared.terminal import Style, counted, echo, listed
from common.config.settings import load
from common.files.paths import CHECKOUT, Paths, is_checkout

REHEARSED = StepLimits(hold_s=3.5, action_s=20.0, push_s=60.0, connect_s=150.0, voice_s=60.0, heard_s=1.0, shape_s=10.0)
"""StepLimits of a rehearsal. The simulator's consoles offer within 1.9 s, and act at once on request."""


def probe(args: argparse.Namespace) -> int:
    do = getattr(args, "do", None)
    if do is not None:
        status: int = do(args)
        return status
    _checked(args)
    return run(_rehearse(args) if args.rehearse else _real(args))


def report(args: argparse.Namespace) -> int:
    """Print what a run's folder changes in notes/."""
    place = Path(args.folder).expanduser()
    if not is_checkout():
        raise CommandError(
            "This command compares a run with the notes of partyline's sources, which are not installed.",
            "Run it in a checkout: `git clone`, `make setup`, then `.venv/bin/partyline probe report FOLDER`.",
        )
    for line in notes_changes.changes(read(place), CHECKOUT / "notes"):
        echo(line)
    return OK


def _checked(args: argparse.Namespace) -> None:
    if args.rehearse and args.resume:
        raise CommandError(
            "partyline probe: --rehearse and --resume exclude each other.",
            "Run the rehearsal again with the same --seed.",
        )


# --- on the real network -------------------------------------------------------------------------------


async def _real(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    settings = load(paths)
    if settings.psn.realm != "playstation":
        raise CommandError(
            "The pipeline uses the simulator, which shows nothing of Sony's servers.",
            "Run `partyline login` first, or try `partyline probe --rehearse`.",
        )
    place = _place(args.resume, paths, "")
    operator = TerminalOperator(asks=not args.yes)
    async with AsyncExitStack() as stack:
        if supervisors.find(paths, args.conf) is None:
            echo("The pipeline is not running. It is started for this run and stopped afterwards.")
            child = await SupervisordChild.start(conf_file(paths, args.conf), paths)
            stack.push_async_callback(child.stop)
        plan = RunPlan(place=place, settings=settings, resume=bool(args.resume), link=args.link)
        finished = await _run(stack, paths, operator, plan, StepLimits())
    return _summary(*finished)


async def _run(
    stack: AsyncExitStack, paths: Paths, operator: Operator, plan: RunPlan, limits: StepLimits
) -> tuple[ProbeRun, signal.Signals | None]:
    bus = await stack.enter_async_context(open_bus(paths))
    run_of_probe = ProbeRun(bus, paths, operator, plan, limits)
    return run_of_probe, await _until_done(run_of_probe)


async def _until_done(run_of_probe: ProbeRun) -> signal.Signals | None:
    """Run it until it ends or SIGINT, SIGTERM or SIGHUP arrives. Return that signal. The party is left in each case."""
    stopped_by: signal.Signals | None = None
    async with signals() as stop:
        running = asyncio.create_task(run_of_probe.run())
        asked = asyncio.create_task(stop.get())
        await asyncio.wait({running, asked}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            stopped_by = asked.result()
            running.cancel()
            with contextlib.suppress(OSError):  # leave the party even if the terminal is gone
                echo("\nLeaving the party …", sys.stderr)
        asked.cancel()
        results = await asyncio.gather(running, asked, return_exceptions=True)
    fault = results[0]
    if isinstance(fault, BaseException) and not isinstance(fault, asyncio.CancelledError):
        raise fault
    return stopped_by


def _summary(run_of_probe: ProbeRun, stopped_by: signal.Signals | None) -> int:
    style = Style.of(sys.stdout)
    record = run_of_probe.record
    echo()
    for line in run_of_probe.summary():
        echo(line)
    if not (run_of_probe.plan.place / RECORD).exists():
        echo("The run found nothing, so nothing was written.")
        return INTERRUPTED if stopped_by is signal.SIGINT else FAILED
    echo(f"The results are in {run_of_probe.plan.place}. They name nobody. Check them before you attach the folder.")
    echo(f"`partyline probe report {run_of_probe.plan.place}` shows the changes to notes/.")
    if run_of_probe.leaks:
        echo(
            style(
                f"{counted(len(run_of_probe.leaks), 'value')} in the folder may be personal data. Do not share it.",
                "red",
            )
        )
        echo(f"`partyline capture verify {run_of_probe.plan.place}` lists them.")
    if record.left is False:
        echo(style("The leave was not confirmed. Run `partyline leave`.", "red"))
    if stopped_by is signal.SIGINT:
        return INTERRUPTED
    return FAILED if run_of_probe.leaks or record.left is False or not record.finished else OK


# --- the rehearsal -------------------------------------------------------------------------------------


async def _rehearse(args: argparse.Namespace) -> int:
    drawn = rehearsal.draw(args.seed)
    place = _place(args.out, Paths.of_environment(), "-rehearsal")
    echo(f"Starting a rehearsal with its own simulator and pipeline. The unknowns are drawn with seed {args.seed}.")
    async with AsyncExitStack() as stack:
        environment = await stack.enter_async_context(rehearsal.rehearsal_environment(drawn))
        settings = load(environment.paths, {})
        info = environment.info
        plan = RunPlan(place, settings, link=info.session_id, npsso=info.npsso, seed=args.seed, drawn=drawn)
        operator = SimulatedOperator(environment.control, args.seed)
        run_of_probe, stopped_by = await _run(stack, environment.paths, operator, plan, REHEARSED)
        if stopped_by is None:
            run_of_probe.judge(await environment.control.unfit())
    status = _summary(run_of_probe, stopped_by)
    missed = [f"{one.name} ({one.way})" for one in run_of_probe.record.drawn if one.found == "missed"]
    if missed:
        echo(Style.of(sys.stdout)(f"Missed: {listed(missed)}.", "red"))
    return status or (FAILED if missed else OK)


def _place(given: str, paths: Paths, more: str) -> Path:
    """Return the path of the run's folder."""
    if given:
        return Path(given).expanduser()
    return paths.home / f"probe-{time.strftime('%Y-%m-%d-%H%M%S')}{more}"


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 999999999")
    return int(text)


def _arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--yes", action="store_true", help="ask no questions; instructions for the console are still printed")
    add("--resume", metavar="FOLDER", default="", help="continue a run without its finished parts")
    add("--link", default="", help="share link or id of the console's party, for the second half")
    add("--rehearse", action="store_true", help="run against a simulator whose unknowns are drawn at random")
    add("--seed", type=_seed, default=1, metavar="N", help="seed of the rehearsal (default 1)")
    add("--out", metavar="FOLDER", default="", help="folder for the results of a rehearsal")
    add("--conf", metavar="FILE", default="", help=argparse.SUPPRESS)
    parts = parser.add_subparsers(title="after a run", metavar="report FOLDER", required=False)
    one = part(parts, "report", "show the lines of notes/ that a run changes", report)
    one.add_argument("folder", metavar="FOLDER", help="the folder of the run")


COMMANDS = {
    "probe": Command(
        description="Find out what is unknown about PlayStation's servers, by a guided run with a console.\n"
        "It creates a party that the console joins, then joins the console's party. After each step it shows\n"
        "Sony's replies and what they settle. It asks before anything that others can see, makes few calls, and\n"
        "leaves the party at the end. Its folder names nobody and can be attached to a bug report. A second\n"
        "console is optional.",
        example="partyline probe\n  partyline probe --rehearse --seed 7\n  partyline probe report FOLDER",
        run=probe,
        arguments=_arguments,
    )
}
