from __future__ import annotations

from pathlib import Path

import pytest

from common.log import last_words


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("", ""),
        (
            "Traceback …\n  x\nModuleNotFoundError: No module named 'av'\n\n",
            "ModuleNotFoundError: No module named 'av'",
        ),
        ('{"event": "cannot start", "error": "audio.sink: no"}\n', "cannot start: audio.sink: no"),
        (
            '{"event": "the worker failed", "exception": "Traceback\\nOSError: full"}',
            "the worker failed: OSError: full",
        ),
        ('{"event": "asked to stop"}', "asked to stop"),
        ('{"event": "it broke", "level": "error"}\n{"event": "health", "level": "info"}', "it broke"),
        ("\n".join(['{"event": "health", "level": "info"}'] * 9), ""),
        ("npsso=abcdefghijk", "npsso=[hidden]"),
        ("x" * 500, "x" * 200 + " …"),
        ("\x00\xff" * 3, "\x00\xff" * 3),
    ],
)
def test_the_last_words_of_a_log(tmp_path: Path, tail: str, said: str) -> None:
    file = tmp_path / "media.log"
    file.write_text("earlier\n" * 9000 + tail if tail else "")
    assert last_words.of_log(file) == said
    assert last_words.of_log(tmp_path / "none") == ""
