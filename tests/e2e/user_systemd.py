"""A systemd of a user, in namespaces of its own: also where the machine was not booted with systemd.

systemd asks whether /run/systemd/system is there, so /run is an empty one. All processes in it end with the block.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.mac.only_linux import needs_linux
from tests.support.waiting import eventually

Done = subprocess.CompletedProcess[str]
SYSTEMD = Path("/usr/lib/systemd/systemd")
_FIRST = """\
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system || exit 1
{systemd} --user --log-target=console &
wait
"""
_CGROUPS = Path("/sys/fs/cgroup/systemd")


class UserSystemd:
    """A running one, and the way to run commands beside it."""

    def __init__(self, first: int, environment: Mapping[str, str]) -> None:
        self._first = first
        self._environment = environment

    def run(
        self, *words: str | Path, within_s: float = 90.0, stdin: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in its namespaces, in the folder /, with its environment and `more`."""
        return subprocess.run(
            [*_beside(self._first), *words],
            env={**self._environment, **more},
            cwd="/",
            input=stdin,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )


def _beside(first: int) -> Sequence[str]:
    return ("nsenter", "--target", str(first), "--mount", "--pid", "--wd=/")


@contextmanager
def user_systemd(folder: Path, **variables: str) -> Iterator[UserSystemd]:
    """Yield one that keeps its files in `folder`. The test is skipped where that cannot be."""
    needs_linux("A Mac has no systemd.")
    if os.geteuid() != 0 or not SYSTEMD.exists() or not shutil.which("unshare") or not shutil.which("nsenter"):
        pytest.skip("it needs systemd, unshare, nsenter and root")
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    environment = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_CONFIG_HOME": str(folder / "config"),
        **variables,
    }
    log = folder / "systemd.log"
    before = set(_CGROUPS.glob("**/")) if _CGROUPS.exists() else set()
    with log.open("wb") as out:
        outside = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "--fork", "--pid", "--mount-proc", "--kill-child",
             "sh", "-c", _FIRST.format(systemd=SYSTEMD)],
            env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        yield _running(outside, environment, log)
    except BaseException:
        sys.stderr.write(log.read_text("utf-8", "replace"))  # pytest shows it with the failure
        raise
    finally:
        outside.kill()
        outside.wait()
        _remove_cgroups(before)


def _running(outside: subprocess.Popen[bytes], environment: Mapping[str, str], log: Path) -> UserSystemd:
    def inner() -> int:
        found = subprocess.run(["pgrep", "-P", str(outside.pid)], capture_output=True, text=True, check=False).stdout
        if not found and outside.poll() is None:
            return 0
        return int(found.split()[0]) if found else -1

    first = eventually(inner, "the namespaces are there", 20)
    if first == -1:
        pytest.skip(f"namespaces are not allowed here: {log.read_text('utf-8', 'replace')}")
    made = UserSystemd(first, environment)

    def answers() -> bool:
        return outside.poll() is not None or made.run("systemctl", "--user", "list-units").returncode == 0

    eventually(answers, "systemd answers", 30)
    if outside.poll() is not None:
        pytest.skip(f"systemd does not run here: {log.read_text('utf-8', 'replace')}")
    tried = made.run("systemd-run", "--user", "--wait", "--collect", "--quiet", "true")
    if tried.returncode != 0:  # it answers, but may not make processes here
        pytest.skip(f"systemd starts no unit here: {tried.stderr}{log.read_text('utf-8', 'replace')}")
    return made


def _remove_cgroups(before: set[Path]) -> None:
    """Remove the empty groups that systemd left, which lie outside of its namespaces."""
    if _CGROUPS.exists():
        for group in sorted(set(_CGROUPS.glob("**/")) - before, reverse=True):
            try:
                group.rmdir()
            except OSError:
                continue  # a process in it is still ending, or another systemd has it
