"""Stand-ins for launchctl, systemctl and the like, on PATH: they keep a state, and fail as they are told to."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_COMMON = """\
#!{python} -IS
import json, sys
from pathlib import Path

here = Path({folder!r})
words = sys.argv[1:]
with (here / "calls").open("a") as file:
    file.write(json.dumps([Path(sys.argv[0]).name, *words]) + "\\n")
answers = json.loads((here / "answers").read_text())
state = json.loads((here / "state").read_text())


def keep(**more):
    (here / "state").write_text(json.dumps({{**state, **more}}))


def answer(code, text=""):
    print(text, file=sys.stderr if code else sys.stdout)
    sys.exit(code)


verb = next((word for word in words if not word.startswith("-")), "")
if verb == "print" and "partyline" not in words[-1]:
    verb = "domain"
if answers.get(verb):
    code, text, *after = answers[verb].pop(0)
    (here / "answers").write_text(json.dumps(answers))
    keep(**(after[0] if after else {{}}))
    answer(code, text)
"""

_LAUNCHCTL = """
if verb == "print":
    if not state["loaded"]:
        answer(113, 'Bad request.\\nCould not find service "de.partyline" in domain')
    name = "running" if state["pid"] else "not running"
    lines = ["de.partyline = {", "\\tactive count = 1", "\\tstate = " + name, "",
             "\\tenvironment = {", "\\t\\tpid = 999", "\\t}", "\\truns = %d" % state["runs"]]
    if state["pid"]:
        lines.append("\\tpid = %d" % state["pid"])
    lines.append("\\tlast exit code = " + state["last"])
    answer(0, "\\n".join([*lines, "}"]))
if verb == "bootstrap":
    if state["loaded"]:
        answer(5, "Bootstrap failed: 5: Input/output error")
    keep(loaded=True, pid=4242, runs=1)
if verb == "bootout":
    if not state["loaded"]:
        answer(3, "Boot-out failed: 3: No such process")
    keep(loaded=False, pid=0)
if verb == "kickstart":
    keep(pid=4242, runs=state["runs"] + 1)
"""

_SYSTEMCTL = """
if verb == "show":
    loaded = "loaded" if any(Path({units!r}).glob("*.service")) else "not-found"
    answer(0, "\\n".join(["LoadState=" + loaded, "ActiveState=" + ("active" if state["pid"] else "inactive"),
           "SubState=x", "MainPID=%d" % state["pid"], "ExecMainCode=0", "ExecMainStatus=0", "NRestarts=0",
           "ActiveEnterTimestamp=@1700000000" if state["pid"] else "ActiveEnterTimestamp="]))
if verb == "restart":
    keep(pid=4242)
if verb == "disable":
    keep(pid=0)
"""

_LOGINCTL = """
answer(0, state["linger"])
"""

_SHOWN = """
answer(0, "shown by " + " ".join(words))
"""


class Fakes:
    """The folder that goes first on PATH."""

    def __init__(self, folder: Path, units: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.answer()
        self.become(loaded=False, pid=0, runs=0, last="(never exited)", linger="no")
        head = _COMMON.format(python=sys.executable, folder=str(folder))
        for name, body in {
            "launchctl": _LAUNCHCTL, "systemctl": _SYSTEMCTL.replace("{units!r}", repr(str(units))),
            "loginctl": _LOGINCTL, "journalctl": _SHOWN, "tail": _SHOWN,
        }.items():  # fmt: skip
            (folder / name).write_text(head + body)
            (folder / name).chmod(0o755)

    def answer(self, **verbs: list[tuple[Any, ...]]) -> None:
        """Let these verbs answer (code, text, and maybe what is so afterwards), each in turn, instead of working."""
        (self.folder / "answers").write_text(json.dumps({verb.replace("_", "-"): all_ for verb, all_ in verbs.items()}))

    def become(self, **state: Any) -> None:
        file = self.folder / "state"
        before = json.loads(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps({**before, **state}))

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "state").read_text())
        return found

    @property
    def calls(self) -> list[list[str]]:
        file = self.folder / "calls"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def verbs(self) -> list[str]:
        """Return the verbs that changed something, in order."""
        words = [[word for word in call if not word.startswith("-")] for call in self.calls]
        return [call[1] for call in words if call[0] in {"launchctl", "systemctl"} and call[1] not in {"print", "show"}]

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()
