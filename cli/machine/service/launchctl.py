"""launchd, through `launchctl`. Not run on a Mac yet."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.machine.service import launchd
from cli.machine.service.manager import CALL_S, TIMED_OUT, ProgramResult, ServiceState, call
from cli.machine.service.spec import LOG_NAME, STOP_LIMIT_S, Spec
from cli.shared.failures import CommandError
from common.files.paths import Paths

NO_LAUNCHCTL = "There is no launchctl on this machine, so it has no launchd."
POLL_S = 0.2
GONE_S = STOP_LIMIT_S + 10.0
"""How long an unloaded service may take to end. launchd kills it after `STOP_LIMIT_S`."""
_LOG_IN = "Log in there (or turn on automatic login), then run `partyline service install` again."
_AS_DAEMON = "Or install a LaunchDaemon, which needs no login: `partyline service install --daemon`."
NOBODY = (
    "Nobody is logged in at the screen of this Mac, so launchd takes no LaunchAgent.",
    f"{_LOG_IN} {_AS_DAEMON}",
)
AT_LOGIN = "It starts when you log in. On a Mac without a screen turn on automatic login, or use --daemon."
LOCAL_NETWORK = (
    "macOS may ask once whether it may find devices in the local network. Allow it, or consoles in your own network "
    "are not heard."
)


@dataclass(frozen=True)
class Launchd:
    """One service of launchd, in the domain of a logged-in user (LaunchAgent) or of the machine (LaunchDaemon)."""

    name: str
    file: Path
    domain: str
    """``gui/501`` or ``system``."""
    paths: Paths

    @property
    def needs_root(self) -> bool:
        return self.domain == "system"

    @property
    def kind(self) -> str:
        return "LaunchDaemon" if self.needs_root else "LaunchAgent"

    @property
    def target(self) -> str:
        return f"{self.domain}/{self.name}"

    def render(self, spec: Spec) -> bytes:
        return launchd.render(spec)

    def environment(self, data: bytes) -> Mapping[str, str]:
        found = launchd.read(data).get("EnvironmentVariables", {})
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}

    def program(self, data: bytes) -> Sequence[str]:
        found = launchd.read(data).get("ProgramArguments", [])
        return [str(word) for word in found] if isinstance(found, list) else []

    # --- start and stop ----------------------------------------------------------------------------

    def load(self) -> None:
        self.unload()
        _launchctl("enable", self.target)  # somebody may have disabled it; no error if nobody did
        answer = _launchctl("bootstrap", self.domain, str(self.file))
        if launchd.code_of(answer.text, answer.code) in launchd.STILL_LOADED and _has_domain(self.domain):
            self.unload()  # it may be half loaded, which `print` does not show
            answer = _launchctl("bootstrap", self.domain, str(self.file))
        if answer.code:
            raise self._refused(answer)
        started = _launchctl("kickstart", self.target)
        if started.code and not self.state().pid:
            raise CommandError(
                f"launchd does not start the service: {started.last_line}.",
                "See `partyline service logs` and `partyline service status`.",
            )

    def unload(self) -> None:
        answer = _launchctl("bootout", self.target, within_s=GONE_S)
        code = launchd.code_of(answer.text, answer.code)
        if code in launchd.NOT_LOADED or code in launchd.NO_DOMAIN:
            return
        if code in launchd.FORBIDDEN and self.needs_root:
            raise _root_needed(answer)
        deadline = time.monotonic() + GONE_S
        while self.state().loaded:  # whatever bootout said: 36 while it stops, and 5 for much else
            if code not in {0, launchd.ENDING, TIMED_OUT}:
                raise CommandError(
                    f"launchd does not unload the service: {answer.last_line}.",
                    f"Try it by hand: launchctl bootout {self.target}",
                )
            if time.monotonic() > deadline:
                raise CommandError(
                    f"The service has not ended within {GONE_S:g} s.",
                    "See `partyline service logs`, then try again.",
                )
            time.sleep(POLL_S)

    def reload(self) -> None:
        """Do nothing, because launchd looks for files at login only."""

    def state(self) -> ServiceState:
        answer = _launchctl("print", self.target)
        if answer.code == TIMED_OUT:
            raise CommandError(f"{answer.text}.", "Try again. If it stays so, restart the Mac.")
        return ServiceState() if answer.code else launchd.parse(answer.text)

    # --- what the user reads -----------------------------------------------------------------------

    def log_command(self, lines: int, *, follow: bool) -> list[str]:
        return ["tail", "-n", str(lines), *(["-F"] if follow else []), str(self.paths.log / LOG_NAME)]

    def commands(self, rendered: Path) -> list[str]:
        return [
            f"sudo install -o root -g wheel -m 644 '{rendered}' '{self.file}'",
            f"sudo launchctl bootstrap {self.domain} '{self.file}'",
        ]

    def remarks(self) -> list[str]:
        if self.needs_root:
            return []
        return [AT_LOGIN, LOCAL_NETWORK]

    def _refused(self, answer: ProgramResult) -> CommandError:
        code = launchd.code_of(answer.text, answer.code)
        if not self.needs_root and (code in launchd.NO_DOMAIN or not _has_domain(self.domain)):
            return CommandError(*NOBODY)
        if code in launchd.FORBIDDEN and self.needs_root:
            return _root_needed(answer)
        return CommandError(
            f"launchd does not take {self.file}: {answer.last_line}.",
            f"Check the file with `plutil -lint '{self.file}'`, and whether the program in it is there.",
        )


def _launchctl(*words: str, within_s: float = CALL_S) -> ProgramResult:
    return call(["launchctl", *words], NO_LAUNCHCTL, within_s)


def _has_domain(domain: str) -> bool:
    return _launchctl("print", domain).code == 0


def _root_needed(answer: ProgramResult) -> CommandError:
    return CommandError(
        f"Only root may change a LaunchDaemon: {answer.last_line}.", "Run the command again with sudo in front of it."
    )
