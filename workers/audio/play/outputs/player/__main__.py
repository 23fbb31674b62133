"""Entry point of a player: `python -m workers.audio.play.outputs.player RUN_FOLDER [--must-answer]`.

Orders come in on standard input, a line each, and reports go out on standard output. The end of the input ends it, so
it never outlives the audio worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import gc
import os
import signal
import sys
import traceback
from pathlib import Path

import msgspec

from common.system import qos
from workers.audio.play.output import HungError
from workers.audio.play.outputs.lines import HUNG, LONGEST_LINE, PlayerOrder, PlayerReport, line
from workers.audio.play.outputs.player.player import Player

GIL_SWITCH_S = 0.0005
"""As in the audio worker."""
CLOSE_S = 2.0
"""How long the device may take to close at the end. Chosen shorter than the audio worker waits for this process."""


async def play(run: Path, reports: int, *, must_answer: bool) -> None:
    """Play what the orders say, until they end."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    first = await reader.readline()
    if not first:
        return
    player = Player(run, _order(first), lambda report: _send(reports, report))
    gc.collect()
    gc.freeze()  # as in the audio worker: the collector does not delay the callback
    playing = asyncio.create_task(player.run(must_answer=must_answer))
    orders = asyncio.create_task(_follow(player, reader))
    done, _ = await asyncio.wait([playing, orders], return_when=asyncio.FIRST_COMPLETED)
    playing.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await playing
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await player.close()
    for task in done:
        task.result()


async def _follow(player: Player, reader: asyncio.StreamReader) -> None:
    while text := await reader.readline():
        player.follow(_order(text))


def _order(text: bytes) -> PlayerOrder:
    return msgspec.json.decode(text, type=PlayerOrder)


def _send(reports: int, report: PlayerReport) -> None:
    os.write(reports, line(report))


def main() -> int:
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the audio worker ends this process
    reports = os.dup(1)
    os.dup2(2, 1)  # what native libraries print must not come between the reports
    sys.setswitchinterval(GIL_SWITCH_S)
    qos.set_time_critical()
    try:
        asyncio.run(play(Path(sys.argv[1]), reports, must_answer="--must-answer" in sys.argv))
    except HungError:
        return HUNG
    except BrokenPipeError:  # the audio worker is gone
        return 0
    except Exception:  # noqa: BLE001  # the audio worker logs it
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # a hung native call would hold up the usual end
