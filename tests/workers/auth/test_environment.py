"""Locale, umask, temporary folder and Python's own variables: none keeps a sign-in from being kept, privately."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from common.files.paths import CHECKOUT, Paths

READ = "import sys; from tests.workers.auth.test_environment import kept; kept(sys.argv[1])"


def kept(home: str) -> None:
    """Keep tokens as auth does, in a process of its own, and say what came back."""
    import asyncio  # noqa: PLC0415

    from tests.workers.auth.sign_in.test_refresh_schedule import tokens  # noqa: PLC0415
    from workers.auth.stored.store import Store  # noqa: PLC0415

    paths = Paths(Path(home))
    paths.make()
    store = Store(paths, "playstation", "https://x", "file")
    asyncio.run(store.save(tokens()))
    found = asyncio.run(store.load())
    sys.stdout.buffer.write(b"kept" if found == tokens() else b"lost")


@pytest.mark.parametrize(
    ("variables", "umask"),
    [
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}, 0o022),
        ({"LC_ALL": "xx_XX.nothing", "PYTHONCOERCECLOCALE": "0"}, 0o000),
        ({"TMPDIR": "/gone/away", "PYTHONOPTIMIZE": "2"}, 0o077),
    ],
)
def test_tokens_are_kept_privately_whatever_surrounds_us(home: Path, variables: dict[str, str], umask: int) -> None:
    place = home / "ünï 派"
    done = subprocess.run(
        [sys.executable, "-c", READ, str(place)],
        cwd=CHECKOUT,
        env={**os.environ, **variables},
        umask=umask,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == b"kept", done.stderr.decode("utf-8", "replace")
    (file,) = Paths(place).secrets.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(Paths(place).secrets.stat().st_mode) & 0o077 == 0
