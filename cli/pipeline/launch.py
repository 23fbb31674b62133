"""The launch of supervisord, in the background or as a child."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from cli.shared import started
from cli.shared.failures import CommandError
from cli.shared.supervisor import Supervisor, conf_of_home, is_made, of_home
from cli.shared.terminal import printable
from common.files.paths import Paths, write_atomically
from common.run.foreground import Hold

WAKE_S = 0.05
_UNFIT = '"\\$`:\n'
"""Characters that would end a quoted word or a list of folders, as in scripts/setup.sh."""
OUTPUT = "supervisord.out"
STOP_S = 45.0
"""Time limit of a stop. Each worker in turn may take its `stopwaitsecs`, but usually all stop within 2 s."""


def supervisord(conf: Path, *options: str) -> list[str]:
    """Return the command of a supervisord. It reads the file as UTF-8 and imports nothing from where it is started."""
    return [sys.executable, "-P", "-X", "utf8", "-m", "supervisor.supervisord", *options, "-c", str(conf)]


def prepare(conf: Path, paths: Paths) -> Path:
    """Create the folders for supervisord and the workers, and the configuration of a home.

    Return the file for supervisord's own output.
    """
    if is_made(paths, conf):
        paths.make()
        _write(conf, paths)
        return paths.log / OUTPUT
    if not conf.is_file():
        raise CommandError(f"The file {conf} does not exist.", "Name a supervisord configuration that exists.")
    if any(char in str(conf) for char in _UNFIT):
        raise CommandError(
            f"The path {printable(str(conf))} contains a character that supervisord cannot use (one of {_UNFIT!r}).",
            "Rename the folder, then run `make setup` in it.",
        )
    paths.make()
    for name in ("run", "log"):
        (conf.parent / "var" / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    return paths.log / OUTPUT


def _write(conf: Path, paths: Paths) -> None:
    """Write the configuration of a home, unless it is there."""
    try:
        text = conf_of_home(paths).encode()
    except (ValueError, UnicodeEncodeError) as error:
        what = "bytes that are not UTF-8" if isinstance(error, UnicodeEncodeError) else str(error)
        raise CommandError(
            f"The path of {printable(str(paths.home))} or of {printable(sys.executable)} has {what} in it, "
            "which supervisord cannot use.",
            "Choose another folder by $PARTYLINE_HOME, or install partyline elsewhere.",
        ) from error
    try:
        if conf.read_bytes() == text:
            return
    except OSError:
        pass  # it is not there yet, or cannot be read, which the attempt to write it tells
    write_atomically(conf, text)


def environment(paths: Paths) -> dict[str, str]:
    """Return the environment of a pipeline. It names this command's home, whatever folder its workers run in."""
    home = {"PARTYLINE_HOME": str(paths.home)} if os.environ.get("PARTYLINE_HOME") else {}
    return {**os.environ, **home}


def in_background(conf: Path, paths: Paths, find: Callable[[], Supervisor | None]) -> Supervisor:
    """Start a supervisord that outlives this command, and return it once `find` does.

    Raises `CommandError` if it fails, or does not answer in time. Nothing of it is left then.
    """
    chatter = prepare(conf, paths)
    with chatter.open("wb") as out:
        # without its own way into the background, so that its process is known whatever becomes of it
        process = subprocess.Popen(  # noqa: S603  # our own supervisord, no shell
            supervisord(conf, "-n", "-s"),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=conf.parent,
            env=environment(paths),
            start_new_session=True,
        )
    begun = started.note(paths, process.pid)
    try:
        found = begun.wait_for_answer(find)
    except BaseException:
        begun.end()
        process.wait()
        raise
    if found is not None:
        process.returncode = 0  # it outlives this command, and is not waited for
        return found
    if process.poll() is not None:
        raise refused(chatter)
    begun.end()
    process.wait()
    raise CommandError(
        f"supervisord did not answer within {started.FOUND_S:g} s, so it was ended again.",
        "This machine may be too busy: try again. `partyline logs supervisord` may say more.",
    )


def refused(chatter: Path) -> CommandError:
    """Return the error for a supervisord that exited at once, with its last output."""
    try:
        output = chatter.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        output = []
    last = next((line for line in output if line.startswith("Error")), output[-1] if output else "no reason was given")
    return CommandError(
        f"supervisord does not start: {last.rstrip('.')}.", f"See {chatter}, and `partyline logs supervisord`."
    )


class SupervisordChild:
    """A supervisord that runs as long as this command."""

    def __init__(self, process: asyncio.subprocess.Process, chatter: Path, rpc: Supervisor, hold: Hold) -> None:
        self._process = process
        self._hold = hold
        self._rpc = rpc
        self.chatter = chatter

    @classmethod
    async def start(cls, conf: Path, paths: Paths) -> SupervisordChild:
        chatter = prepare(conf, paths)
        try:
            hold = Hold(paths.run)
        except BlockingIOError:
            raise CommandError(
                "Another `partyline up --foreground` is starting or stopping.", "Try again in a few seconds."
            ) from None
        with chatter.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *supervisord(conf, "-n"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=conf.parent,
                env=environment(paths),
                # in its own session, so that Ctrl-C reaches it once, through us
                start_new_session=True,
            )
        hold.over(process.pid)
        started.note(paths, process.pid)
        return cls(process, chatter, of_home(paths, conf), hold)

    async def wait(self) -> int:
        return await self._process.wait()

    async def stop(self) -> None:
        """Have it leave the party and exit. Raises `CommandError` if it does not."""
        try:
            await self._stop()
        finally:
            self._hold.release()

    async def _stop(self) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                ended = asyncio.create_task(self._process.wait())
                while not ended.done():
                    # supervisord checks its children once a second, or on a call. With calls, a stop of
                    # seven workers takes half a second instead of 7 s.
                    await asyncio.to_thread(self._rpc.alive)
                    await asyncio.wait([ended], timeout=WAKE_S)
        except TimeoutError:
            raise CommandError(
                f"The pipeline has not ended within {STOP_S:g} s.",
                f"See `partyline logs supervisord`. To end it by force: kill -9 {self._process.pid}.",
            ) from None
