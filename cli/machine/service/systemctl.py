"""systemd's manager of the user's services, through `systemctl --user`."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.machine.service import systemd
from cli.machine.service.manager import ProgramResult, ServiceState, call
from cli.machine.service.spec import STOP_LIMIT_S, Spec
from cli.shared.failures import CommandError

NO_SYSTEMCTL = "There is no systemctl on this machine, so it has no systemd."
_NO_BUS = ("connect to bus", "not been booted with systemd", "XDG_RUNTIME_DIR")
STOP_S = STOP_LIMIT_S + 15.0


@dataclass(frozen=True)
class SystemdUser:
    """One unit of the user's systemd."""

    name: str
    folder: Path

    needs_root = False
    kind = "systemd user unit"

    @property
    def unit(self) -> str:
        return f"{self.name}.service"

    @property
    def file(self) -> Path:
        return self.folder / self.unit

    def render(self, spec: Spec) -> bytes:
        return systemd.render(spec)

    def environment(self, data: bytes) -> Mapping[str, str]:
        words = systemd.values(data.decode("utf-8", "replace"), "Environment")
        return dict(word.split("=", 1) for word in words if "=" in word)

    def program(self, data: bytes) -> Sequence[str]:
        return systemd.values(data.decode("utf-8", "replace"), "ExecStart")

    # --- start and stop ----------------------------------------------------------------------------

    def load(self) -> None:
        self._must("daemon-reload")
        self._must("enable", self.unit)
        self._must("restart", self.unit, within_s=STOP_S)  # starts it, and stops what runs of an older file first

    def unload(self) -> None:
        if self.state().loaded:
            self._must("disable", "--now", self.unit, within_s=STOP_S)
            self._systemctl("reset-failed", self.unit)  # an error where it had not failed: nothing to do then

    def reload(self) -> None:
        self._must("daemon-reload")

    def state(self) -> ServiceState:
        answer = self._systemctl("show", "--timestamp=unix", f"--property={','.join(systemd.PROPERTIES)}", self.unit)
        if answer.code:
            raise self._refused(answer, "show")
        return systemd.parse(answer.text)

    # --- what the user reads -----------------------------------------------------------------------

    def log_command(self, lines: int, *, follow: bool) -> list[str]:
        return ["journalctl", "--user", "--unit", self.unit, "-n", str(lines), *(["--follow"] if follow else [])]

    def commands(self, rendered: Path) -> list[str]:
        del rendered
        return []

    def remarks(self) -> list[str]:
        user = getpass.getuser()
        words = ["loginctl", "show-user", user, "--property=Linger", "--value"]
        with contextlib.suppress(CommandError):  # no loginctl: then nobody lingers
            if call(words, NO_SYSTEMCTL).text.strip() == "yes":
                return ["It starts at boot."]
        return [f"It starts when you log in. To have it start at boot: loginctl enable-linger {user}"]

    # --- systemctl -----------------------------------------------------------------------------------

    def _systemctl(self, *words: str, within_s: float = 20.0) -> ProgramResult:
        return call(["systemctl", "--user", "--no-pager", *words], NO_SYSTEMCTL, within_s)

    def _must(self, *words: str, within_s: float = 20.0) -> None:
        answer = self._systemctl(*words, within_s=within_s)
        if answer.code:
            raise self._refused(answer, words[0])

    def _refused(self, answer: ProgramResult, verb: str) -> CommandError:
        if any(sign in answer.text for sign in _NO_BUS):
            return CommandError(
                "The systemd of your user does not run here, so it takes no service.",
                "Log in as that user (not by su or sudo), or run: loginctl enable-linger. Then try again.",
            )
        return CommandError(
            f"systemd refused (systemctl --user {verb}): {answer.last_line}.",
            "See `partyline service logs`, and `systemctl --user status` for the rest.",
        )
