"""The Stream Deck plugin as a process: a played Stream Deck app on one side, a real dashboard worker on the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from benchmarks.api.stream_deck import StreamDeckApp, picture, stream_deck
from common.api import keys
from common.errors import PartylineError
from common.messages import ClipState, Recording
from common.requests import MarkRecording, SaveClip, SetGain, SetMute, SetSolo, StartRecording, StopRecording
from tests.integrations.node import needs_node
from tests.workers.dashboard.stage import Stage, member, staged

pytestmark = needs_node
BO, CY = member(1), member(2)
FULL = 'fill="#ffffff"'
RECORDING = Recording(state="recording", seconds=65.0, marks=2)


@dataclass
class Desk:
    """A Stream Deck beside a partyline with two members."""

    stage: Stage
    app: StreamDeckApp
    key: str

    def shows(self, context: str, *words: str) -> None:
        self.app.wait(lambda: set(words) <= set(self.app.words(context)), f"{context} shows {words}")

    def mixer(self, **of_bo: Any) -> None:
        self.stage.mixer((BO, CY), **{BO.peer: of_bo})


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with staged() as stage:
        stage.furnish()
        stage.party(2)
        _, key = keys.make(stage.paths, "deck", "control")
        with stream_deck(tmp_path_factory.mktemp("deck"), url=stage.origin, key=key) as app:
            yield Desk(stage, app, key)


@pytest.fixture
def mute(desk: Desk) -> Iterator[str]:
    """The context of a key for the first in the party."""
    desk.mixer()
    desk.app.appear("mute", "mute")
    desk.shows("mute", "Bo-Streams")
    yield "mute"
    desk.app.disappear("mute", "mute")


def test_a_press_mutes_and_the_key_shows_what_the_mixer_says(desk: Desk, mute: str) -> None:
    desk.app.press(mute, "mute")
    desk.stage.await_asked(SetMute(peer=BO.peer, muted=True))
    desk.mixer(muted=True)
    desk.shows(mute, "MUTED")
    desk.app.wait(lambda: desk.app.state(mute) == 1, "the state is that of a muted one")
    desk.app.press(mute, "mute")
    desk.stage.await_asked(SetMute(peer=BO.peer, muted=False))
    desk.mixer()
    desk.app.wait(lambda: desk.app.state(mute) == 0 and "MUTED" not in desk.app.words(mute), "it is heard")


def test_a_key_in_a_multi_action_does_what_it_is_set_to(desk: Desk, mute: str) -> None:
    desk.app.press(mute, "mute", isInMultiAction=True, userDesiredState=0)
    desk.app.press(mute, "mute", isInMultiAction=True, userDesiredState=1)
    desk.stage.await_asked(SetMute(peer=BO.peer, muted=True))


def test_who_speaks_has_a_frame_waves_and_a_level(desk: Desk, mute: str) -> None:
    def drawn() -> str:
        return picture(desk.app.sent(mute, "setImage")[-1]["payload"]["image"])

    quiet = drawn()
    desk.stage.speak(BO)
    desk.stage.levels((BO, CY))
    desk.app.wait(
        lambda: drawn().count('fill="#ffffff"') > quiet.count('fill="#ffffff"') and "#56b4e9" in drawn(), "both"
    )
    desk.app.appear("speaker", "speaker")
    desk.shows("speaker", "Bo-Streams", "speaks")
    desk.stage.speak(BO, speaking=False)

    def is_quiet() -> bool:
        desk.stage.levels((BO, CY), loud=-1)  # they go on coming, as audio's do: the API sends the peaks since the last
        return drawn() == quiet

    desk.app.wait(is_quiet, "it is as before")
    desk.app.disappear("speaker", "speaker")


def test_solo_and_gain(desk: Desk) -> None:
    desk.mixer()
    who = {"by": "account", "accountId": CY.account_id, "name": CY.online_id}
    for action in ("solo", "gain-up", "gain-down"):
        desk.app.appear(action, action, **who, step=2)
        desk.shows(action, CY.online_id)
    desk.app.press("solo", "solo")
    desk.stage.await_asked(SetSolo(peer=CY.peer, solo=True))
    desk.app.press("gain-up", "gain-up")
    desk.stage.await_asked(SetGain(peer=CY.peer, gain_db=2.0))
    desk.shows("gain-up", "+2 dB")
    desk.stage.mixer((BO, CY), **{CY.peer: {"gain_db": 2.0, "solo": True}})
    desk.shows("solo", "SOLO")
    desk.app.press("gain-down", "gain-down")
    desk.stage.await_asked(SetGain(peer=CY.peer, gain_db=0.0))
    for action in ("solo", "gain-up", "gain-down"):
        desk.app.disappear(action, action)


def test_a_dial_turns_gain_mutes_and_goes_back(desk: Desk) -> None:
    desk.mixer()
    desk.app.appear("dial", "gain-dial", dial=True)
    desk.app.wait(lambda: desk.app.feedback("dial").get("title") == BO.online_id, "the strip has the name")
    for _ in range(4):
        desk.app.dial("dial", "gain-dial", "dialRotate", ticks=-2, pressed=False)
    desk.stage.await_asked(SetGain(peer=BO.peer, gain_db=-8.0))
    desk.app.wait(lambda: desk.app.feedback("dial")["gain"]["value"] == -8, "the bar follows")
    desk.app.dial("dial", "gain-dial", "touchTap", hold=True, tapPos=[1, 1])
    desk.stage.await_asked(SetGain(peer=BO.peer, gain_db=0.0))
    before = len(desk.stage.asked)
    desk.app.dial("dial", "gain-dial", "dialDown")
    desk.app.wait(lambda: SetMute(peer=BO.peer, muted=True) in desk.stage.asked[before:], "it mutes")
    desk.mixer(muted=True)
    desk.app.wait(lambda: desk.app.feedback("dial")["value"] == "MUTED", "the strip says so")
    desk.app.disappear("dial", "gain-dial")


def test_recording_mark_and_clip(desk: Desk) -> None:
    for action in ("record", "mark", "clip"):
        desk.app.appear(action, action, text="great", seconds=20)
    desk.shows("mark", "no recording")
    desk.app.press("mark", "mark")
    desk.shows("mark", "recorded")  # what is to be said instead
    desk.app.press("record", "record")
    desk.stage.await_asked(StartRecording())
    desk.stage.publish("recorder", RECORDING, ClipState(seconds=30, kept_s=30.0))
    desk.shows("record", "REC", "1:05")
    desk.shows("clip", "last 20 s")
    desk.app.press("mark", "mark")
    desk.shows("mark", "2 set")
    desk.stage.await_asked(MarkRecording(text="great"))
    desk.app.press("clip", "clip")
    desk.stage.await_asked(SaveClip(seconds=20))
    desk.app.wait(lambda: desk.app.sent("mark", "showOk") and desk.app.sent("clip", "showOk"), "both are confirmed")
    desk.app.press("record", "record")
    desk.stage.await_asked(StopRecording())
    desk.stage.publish("recorder", msgspec.structs.replace(RECORDING, state="stopped", detail="the disk is full"))
    desk.shows("record", "it stopped")
    for action in ("record", "mark", "clip"):
        desk.app.disappear(action, action)


def test_the_party_is_muted_and_those_who_were_muted_before_stay_so(desk: Desk) -> None:
    desk.mixer(muted=True)
    desk.app.appear("party", "party-mute")
    desk.shows("party", "1 heard")
    before = len(desk.stage.asked)
    desk.app.press("party", "party-mute")
    desk.app.wait(lambda: desk.stage.asked[before:] == [SetMute(peer=CY.peer, muted=True)], "the other is muted")
    desk.stage.mixer((BO, CY), **{BO.peer: {"muted": True}, CY.peer: {"muted": True}})
    desk.app.wait(lambda: desk.app.state("party") == 1, "the key says so")
    desk.app.press("party", "party-mute")
    desk.app.wait(lambda: desk.stage.asked[before + 1 :] == [SetMute(peer=CY.peer, muted=False)], "only that one")
    desk.app.disappear("party", "party-mute")


def test_a_worker_that_refuses_is_an_alert_and_stands_in_the_log(desk: Desk, mute: str) -> None:
    def refuse(_: Any) -> Any:
        raise PartylineError("The disk is full.", "Make room.", code="audio.disk")

    desk.stage.answers["SetMute"] = refuse
    alerts = len(desk.app.sent(mute, "showAlert"))
    desk.app.press(mute, "mute")
    desk.app.wait(lambda: len(desk.app.sent(mute, "showAlert")) > alerts, "an alert")
    assert "refused" in desk.app.words(mute)
    assert "The disk is full. | Make room." in desk.app.output
    del desk.stage.answers["SetMute"]


def test_whoever_left_is_named_and_a_press_is_an_alert(desk: Desk, mute: str) -> None:
    desk.app.configure(mute, "mute", by="account", accountId=CY.account_id, name=CY.online_id)
    desk.shows(mute, CY.online_id)
    desk.stage.party(1)
    desk.shows(mute, CY.online_id, "is not here")
    before = len(desk.stage.asked)
    desk.app.press(mute, "mute")
    desk.app.wait(lambda: desk.app.sent(mute, "showAlert"), "an alert")
    assert desk.stage.asked[before:] == []
    desk.app.configure(mute, "mute", by="place", place=2)
    desk.shows(mute, "place 2", "is free")
    desk.stage.party(2)
    desk.shows(mute, CY.online_id)


def test_the_inspector_is_told_who_is_here(desk: Desk, mute: str) -> None:
    desk.app.inspect(mute, "mute")
    told = desk.app.wait(lambda: desk.app.sent(mute, "sendToPropertyInspector"), "the inspector is told")
    assert [one["name"] for one in told[-1]["payload"]["people"]] == [BO.online_id, CY.online_id]
    assert told[-1]["payload"]["phase"] == "connected"


def test_a_key_that_may_not_one_that_is_wrong_and_none(desk: Desk, mute: str) -> None:
    _, reading = keys.make(desk.stage.paths, "reading", "read")
    for given, words in [
        ("", ("API key", "missing")),
        ("no key at all", ("API key", "is wrong")),
        (desk.key[:-4] + "none", ("API key", "refused")),
        (reading, ("Bo-Streams",)),
    ]:
        desk.app.share(url=desk.stage.origin, key=given)
        desk.shows(mute, *words)
    desk.app.press(mute, "mute")
    desk.shows(mute, "key may", "this")
    desk.app.share(url="ftp://x", key=desk.key)
    desk.shows(mute, "wrong", "address")
    desk.app.share(url=desk.stage.origin, key=desk.key)
    desk.shows(mute, "Bo-Streams")
    for secret in (desk.key, reading, "no key at all", desk.key[:-4] + "none"):
        assert secret not in desk.app.output


def test_partyline_ends_and_comes_back(desk: Desk, mute: str) -> None:
    desk.stage.dashboard.kill()
    desk.shows(mute, "partyline", "running")
    alerts = len(desk.app.sent(mute, "showAlert"))
    desk.app.press(mute, "mute")
    desk.app.wait(lambda: len(desk.app.sent(mute, "showAlert")) > alerts, "an alert")
    desk.stage.start_dashboard()
    desk.shows(mute, "Bo-Streams")
    assert desk.key not in desk.app.output
