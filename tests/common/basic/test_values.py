"""Ranges are written once, and hold wherever a value comes in."""

from __future__ import annotations

import argparse

import msgspec
import pytest

from cli.sound import gain, master
from common.basic.values import DelayMs, GainDb, Range, range_of, refusal
from common.config.settings import load
from common.config.tables import PsnSettings
from common.errors import BadMessageError, BadRequestError, ErrorReply, SettingsError
from common.files.paths import Paths
from common.messages import wire
from common.requests import SetGain, SetMaster
from workers.dashboard.live.state_sockets import page_constants

GAINS, DELAYS = range_of(GainDb), range_of(DelayMs)
COMMANDS = {**gain.COMMANDS, **master.COMMANDS}


def test_a_range_reads_as_people_write_it() -> None:
    assert (str(GAINS), str(DELAYS)) == ("-60 … +20", "0 … 2000")
    assert GAINS.least in GAINS
    assert GAINS.most in GAINS
    nothing = float("nan")
    assert nothing not in GAINS


def test_a_type_without_bounds_has_no_range() -> None:
    with pytest.raises(StopIteration):
        range_of(float)


@pytest.mark.parametrize("gain_db", [-60.1, 20.1, float("nan"), float("inf")])
def test_a_gain_out_of_range_is_refused_at_the_workers_door(gain_db: float) -> None:
    with pytest.raises(BadRequestError) as caught:
        wire.unpack_request(wire.pack(SetGain(peer="1.PS5", gain_db=gain_db)), SetGain)
    assert caught.value.message.startswith("SetGain cannot be done: gain_db: must be at ")
    assert caught.value.remedy
    assert type(ErrorReply.of(caught.value).error()) is BadRequestError


@pytest.mark.parametrize(
    "wrong", [{"gain_db": 21.0}, {"newcomer_gain_db": -61.0}, {"delay_ms": -1.0}, {"delay_ms": 2001.0}]
)
def test_a_master_out_of_range_is_refused_at_the_workers_door(wrong: dict[str, float]) -> None:
    with pytest.raises(BadRequestError, match=next(iter(wrong))):
        wire.unpack_request(wire.pack(SetMaster(levelling=True, **wrong)), SetMaster)


def test_what_is_no_request_at_all_is_another_error() -> None:
    with pytest.raises(BadMessageError):
        wire.unpack_request(b"\xc1", SetGain)


@pytest.mark.parametrize(("key", "allowed"), [("GAIN_DB", GAINS), ("NEWCOMER_GAIN_DB", GAINS), ("DELAY_MS", DELAYS)])
def test_a_setting_has_the_same_range(key: str, allowed: Range, tmp_path) -> None:
    paths = Paths(tmp_path)
    load(paths, {f"PARTYLINE_AUDIO__{key}": str(allowed.most)})
    with pytest.raises(SettingsError, match=f"must be at most {allowed.most:g}"):
        load(paths, {f"PARTYLINE_AUDIO__{key}": str(allowed.most + 1)})


def test_the_commands_and_the_page_have_it_from_there() -> None:
    assert (page_constants(PsnSettings()).gain_db, page_constants(PsnSettings()).delay_ms) == (GAINS, DELAYS)
    help_text = _help("master") + _help("gain")
    assert help_text.count(str(GAINS)) == 2
    assert str(DELAYS) in help_text


def _help(name: str) -> str:
    parser = argparse.ArgumentParser()
    COMMANDS[name].arguments(parser)
    return " ".join(parser.format_help().split())


def test_a_refusal_names_the_field_and_never_the_value() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"peer": 12345, "gain_db": 0.0}, SetGain)
    assert refusal(caught.value) == "peer: Expected `str`, got `int`"
