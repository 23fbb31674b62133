"""Clips for tests: a memory that is fed without sockets, and the sound that it was fed with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.support.made import BO, CLEO
from workers.recorder.clip.clip_memory import ClipCut, ClipMemory, PartySeen
from workers.recorder.files.encoder import Encoder
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.timeline import MIX

BLOCKS = 40


def noise(seed: int, number: int) -> NDArray[np.int16]:
    """Return the sound of one account in one block."""
    return np.random.default_rng(seed * 10_000 + number).integers(-3000, 3000, BLOCK, np.int16)


def fed(memory: ClipMemory, blocks: range) -> ClipMemory:
    """Have Bo speak always, Cleo in every other block, and the mix be Bo."""
    encoder = Encoder()
    for number in blocks:
        sounds = {BO.account_id: noise(2, number), MIX: noise(2, number)}
        if number % 2:
            sounds[CLEO.account_id] = noise(3, number)
        memory.add(number, {account: encoder.frame(sound, 0) for account, sound in sounds.items()})
    return memory


def made_cut(seconds: int = 0) -> ClipCut:
    memory = ClipMemory(30)
    memory.record_party(PartySeen(0, "Friday raid", (BO, CLEO)))
    return fed(memory, range(BLOCKS)).cut(seconds, [])


def spoken(seed: int, blocks: range) -> NDArray[np.int16]:
    """Return what was fed of one account; of Cleo every other block is silence."""
    silence = np.zeros(BLOCK, np.int16)
    return np.concatenate([silence if seed == 3 and not n % 2 else noise(seed, n) for n in blocks])
