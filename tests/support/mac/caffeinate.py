"""A stand-in for macOS' `caffeinate`, on PATH, on a machine that passes for a Mac."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.system import awake
from common.system.awake import Awake

WAITS = """\
#!/bin/sh
echo "$$ $*" >> {calls}
while kill -0 "$3" 2>/dev/null; do sleep 0.05; done
"""
"""It ends with the process that `-w` names."""
ENDS = "#!/bin/sh\necho ended >> {calls}\nexit 3\n"


class Caffeinate:
    """The stand-in in `folder`, which notes its calls."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._calls = folder / "caffeinate.calls"
        monkeypatch.setattr(awake, "PLATFORM", "darwin")
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        self.become(WAITS)

    def become(self, script: str) -> None:
        program = self.folder / "caffeinate"
        program.write_text(script.format(calls=self._calls))
        program.chmod(0o755)

    @staticmethod
    def has_ended(awake: Awake) -> bool:
        """Return whether what was released has ended, and been reaped."""
        awake.beat()
        return not awake._released

    @property
    def calls(self) -> list[str]:
        """Its process id and words, a line for each start."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []
