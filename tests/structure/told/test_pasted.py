"""README's blocks can be pasted into zsh, a Mac's shell, whose interactive form knows no comments."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from common.files.paths import CHECKOUT

BLOCKS = re.findall(
    r"^```(?:sh|shell|zsh)?\n(.*?)^```$", (CHECKOUT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)
STUB = '#!/bin/sh\necho "${0##*/} $*" >>"$PASTED"\n'


def pasted(text: str, folder: Path, programs: set[str]) -> tuple[str, str]:
    """Paste `text` into an interactive zsh with stubs of `programs`. Return what was called, and zsh's errors."""
    for name in programs:
        (folder / name).write_text(STUB)
        (folder / name).chmod(0o755)
    log = folder / "pasted.log"
    done = subprocess.run(
        [shutil.which("zsh") or "zsh", "-f", "-i"],
        input=text,
        env={"PATH": f"{folder}:{os.defpath}", "PASTED": str(log), "HOME": str(folder), "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    errors = "\n".join(line for line in done.stderr.splitlines() if line.startswith("zsh:") or "quote>" in line)
    return (log.read_text() if log.exists() else ""), errors


def test_there_are_blocks() -> None:
    assert len(BLOCKS) >= 4


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0] for block in BLOCKS])
def test_a_block_that_is_pasted_runs_the_commands_that_it_shows(block: str, tmp_path: Path) -> None:
    programs = {line.split()[0] for line in block.splitlines() if line.strip()}
    called, errors = pasted(block, tmp_path, programs)
    assert errors == ""
    assert called == "".join(f"{' '.join(line.split())}\n" for line in block.splitlines() if line.strip())


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_a_comment_behind_a_command_would_be_seen(tmp_path: Path) -> None:
    called, _ = pasted("make run   # the demo party\n", tmp_path, {"make"})
    assert called == "make run # the demo party\n", "as its arguments"
