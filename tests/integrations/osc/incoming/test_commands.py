"""Address and arguments → request. The requests are those that the API knows."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from common.api.rights import NEEDED
from integrations.osc.address_table import OF_A_TALKER, OF_THE_WHOLE
from integrations.osc.incoming.commands import OWN, ApiCall, call_of
from integrations.osc.incoming.directory import Directory
from integrations.osc.wire.arguments import OscArgumentError
from tests.integrations.osc.made import desk, talker

BO = talker(1, gain_db=-3.0, muted=True)
P = BO.peer


def asked(path: str, *arguments: Any, latest: Any = None, **state: Any) -> ApiCall | None:
    directory, now = Directory(), desk(BO, **state)
    directory.update(now.talkers)
    ((slot,),) = directory.find(f"/partyline/{path}").values()
    return call_of(slot, arguments, now, lambda key, default: default if latest is None else latest)


TALKERS = [
    ("fader", (0.75,), "SetGain", {"gain_db": 0.0}),
    ("fader", (0,), "SetGain", {"gain_db": -60.0}),
    ("fader", (7.0,), "SetGain", {"gain_db": 20.0}),
    ("fader", ("0.5",), "SetGain", {"gain_db": -20.0}),
    ("gain", (-12.5,), "SetGain", {"gain_db": -12.5}),
    ("gain", (99,), "SetGain", {"gain_db": 20.0}),
    ("gain/step", (1,), "SetGain", {"gain_db": -2.0}),
    ("gain/step", (-100,), "SetGain", {"gain_db": -60.0}),
    ("mute", (1.0,), "SetMute", {"muted": True}),
    ("mute", (False,), "SetMute", {"muted": False}),
    ("mute/toggle", (), "SetMute", {"muted": False}),
    ("solo", (1,), "SetSolo", {"solo": True}),
    ("solo/toggle", (1.0,), "SetSolo", {"solo": True}),
]


@pytest.mark.parametrize(("end", "arguments", "request_", "fields"), TALKERS)
@pytest.mark.parametrize("stem", ["talker/1", "name/Name-1", "account/1001"])
def test_a_talker(stem: str, end: str, arguments: tuple[Any, ...], request_: str, fields: dict[str, Any]) -> None:
    (field,) = fields
    assert asked(f"{stem}/{end}", *arguments) == ApiCall(request_, {"peer": P, **fields}, (request_, P, field))


WHOLE = [
    ("master/fader", (1.0,), "SetMaster", {"gain_db": 20.0}),
    ("master/gain", (-6,), "SetMaster", {"gain_db": -6.0}),
    ("master/gain/step", (2,), "SetMaster", {"gain_db": 1.0}),
    ("master/delay", (5000,), "SetMaster", {"delay_ms": 2000.0}),
    ("master/delay", ("80.126 ms",), "SetMaster", {"delay_ms": 80.13}),
    ("master/delay/step", (-30,), "SetMaster", {"delay_ms": 90.0}),
    ("master/levelling", ("on",), "SetMaster", {"levelling": True}),
    ("record", (1,), "StartRecording", {}),
    ("record/start", (), "StartRecording", {}),
    ("record/stop", (1.0,), "StopRecording", {}),
    ("record/toggle", (1,), "StartRecording", {}),
    ("record/mark", (), "MarkRecording", {"text": ""}),
    ("record/mark", ("goal",), "MarkRecording", {"text": "goal"}),
    ("clip/save", (1.0,), "SaveClip", {}),
    ("clip/save/last", (20.4,), "SaveClip", {"seconds": 20}),
    ("clip/keep", (60.0,), "KeepClip", {"seconds": 60}),
    ("clip/keep", (0,), "KeepClip", {"seconds": 0}),
]


@pytest.mark.parametrize(("path", "arguments", "request_", "fields"), WHOLE)
def test_the_whole(path: str, arguments: tuple[Any, ...], request_: str, fields: dict[str, Any]) -> None:
    call = asked(path, *arguments, gain_db=-1.0, delay_ms=120.0)
    assert call is not None
    assert (call.request, call.fields) == (request_, fields)


def test_every_address_that_is_taken_was_tried() -> None:
    tried = {end for end, *_ in TALKERS}
    assert tried == {one.path for one in OF_A_TALKER if one.is_taken}
    tried = {path for path, *_ in WHOLE}
    assert tried | OWN == {one.path for one in OF_THE_WHOLE if one.is_taken}


def test_every_request_is_one_of_the_api() -> None:
    known = {cls.__name__: cls for cls in NEEDED}
    for path, arguments, *_ in [*WHOLE, *((f"talker/1/{end}", *more) for end, *more in TALKERS)]:
        call = asked(path, *arguments)
        assert call is not None
        msgspec.convert(dict(call.fields), known[call.request])
        assert NEEDED[known[call.request]] == "control"


@pytest.mark.parametrize("path", [
    "talker/1/mute/toggle", "talker/1/solo/toggle", "record/start", "record/stop", "record/toggle", "record/mark",
    "clip/save", "clip/save/last",
])  # fmt: skip
def test_a_button_that_is_let_go_does_nothing(path: str) -> None:
    assert asked(path, 0.0) is None


def test_record_as_a_switch_asks_only_for_what_is_not_so_yet() -> None:
    assert asked("record", 0) is None
    assert asked("record", 1, recording=True) is None
    assert asked("record", 0, recording=True) == ApiCall("StopRecording", {})
    assert asked("record/toggle", recording=True) == ApiCall("StopRecording", {})


def test_a_step_goes_on_from_what_was_asked_for_last() -> None:
    assert asked("talker/1/gain/step", 1, latest=5.0).fields["gain_db"] == 6.0
    assert asked("talker/1/mute/toggle", latest=False).fields["muted"] is True
    assert asked("master/delay/step", 10, latest=0.0).fields["delay_ms"] == 10.0


def test_what_is_only_sent_and_what_nobody_has_asks_for_nothing() -> None:
    assert asked("talker/1/name", "x") is None
    assert asked("talker/9/fader", 0.3) is None
    assert asked("party/count", 3) is None
    assert all(asked(path, 9000) is None for path in OWN)


@pytest.mark.parametrize("path", ["talker/1/fader", "talker/1/mute", "master/delay", "record", "clip/keep"])
def test_a_value_that_is_missing_is_refused(path: str) -> None:
    with pytest.raises(OscArgumentError):
        asked(path)
