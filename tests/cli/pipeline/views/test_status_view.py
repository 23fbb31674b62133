"""What `partyline status` looks like, word for word."""

from __future__ import annotations

import msgspec
import pytest

from cli.pipeline.status import as_data
from cli.pipeline.totals import MemberTotals
from cli.pipeline.views import status_view
from cli.shared.supervisor import Process
from cli.shared.terminal import Style, printable
from common.messages import (
    ClipState,
    FarSound,
    Member,
    MixerState,
    OutputStatus,
    PartyState,
    RecordedTalker,
    Recording,
)
from tests.cli.shared.bus_states import bus_state, full
from tests.support.made import NOW, health, party

PLAIN = Style(on=False)
STATUS = """\
Sign-in  Ava-Demo (PlayStation Network), 9 days left
Push     connected for 2 h 0 min, protocol 3.0
Party    “Friday raid”, 3 members including you, joined 5 min ago
Sound    to the sound device “BlackHole 2ch”, latency 9 ms

Voices
  MEMBER             DEVICE  VOICE     CONNECTION  DELAY  TARGET    LOSS  CONCEALED    GAPS   GAIN
  Bo-Streams (host)  PS5     speaking  connected   67 ms   40 ms   0.1 %      0.3 %       0   0 dB
  Cleo_99            phone   mic off   lost            -       -  10.0 %     20.0 %  120 ms  -6 dB

Workers
  WORKER     STATE      UP FOR  MEMORY    CPU
  audio      no answer  10 min   41 MB  1.0 %  no heartbeat for 42 s
  auth       degraded   10 min   41 MB  1.0 %  waiting for the network
  media      running    10 min   41 MB  1.0 %
  simulator  stopped         -       -      -  1 min ago

1 open problem
  The mix is too loud. (3 times, last 20 s ago)
    → Turn a member down: `partyline gain`."""
EMPTY = """\
Sign-in  unknown (no message from auth yet)
Push     unknown (no message from signaling yet)
Party    unknown (no message from session yet)
Sound    unknown (no message from audio yet)

Workers
  WORKER  STATE  UP FOR  MEMORY  CPU

No open problems."""


def test_the_status_reads_as_it_always_did():
    assert "\n".join(status_view.lines(full(), NOW, NOW, PLAIN)) == STATUS


def test_a_narrow_terminal_gets_fewer_columns_and_never_a_broken_line():
    found = status_view.lines(full(), NOW, NOW, PLAIN, 80)
    assert max(len(line) for line in found) <= 80
    assert found[6] == "  MEMBER             VOICE     CONNECTION  DELAY  CONCEALED    GAPS   GAIN"


def heard(name: str, platform: str, **more: object) -> MemberTotals:
    figures = dict.fromkeys(("heard_s", "delay_ms", "receive_delay_ms", "age_ms", "concealed_share"), 0.0)
    counts = dict.fromkeys(
        ("packets", "lost", "late", "frames", "concealed_frames", "fec_frames", "missing", "dropped"), 0
    )
    return MemberTotals(**{"peer": name, "name": name, "platform": platform, **figures, **counts, **more})


def test_the_status_of_a_pipeline_that_has_said_nothing_yet_says_so():
    assert "\n".join(status_view.lines(bus_state(), NOW, NOW, PLAIN)) == EMPTY


def test_what_supervisord_has_given_up_or_runs_without_a_heartbeat_is_in_the_status():
    processes = [
        Process("simulator", "RUNNING", 0, "/log/simulator.log", started_at=NOW - 90),
        Process("session", "FATAL", 1, "/log/session.log"),
        Process("media", "RUNNING", 0, "/log/media.log"),
    ]
    state = bus_state(health("media"))
    assert [" ".join(line.split()) for line in status_view.workers(state, NOW, NOW, PLAIN, processes)[1:]] == [
        "media running 10 min 41 MB 1.0 %",
        "session given up - - - see /log/session.log",
        "simulator running 1 min - -",
    ]


def test_a_recording_is_in_the_status_while_it_runs_and_when_it_ended_by_itself():
    talker = RecordedTalker(account_id="2", online_id="Bo-Streams", file="Bo-Streams.flac")
    found = Recording(
        state="recording",
        folder="/r/x",
        started_at=NOW - 90,
        seconds=90.0,
        size_bytes=7 * 10**6,
        marks=2,
        talkers=(talker,),
    )
    assert "Record   1 talker for 1 min, 2 marks, 7.0 MB, into /r/x" in status_view.lines(
        bus_state(found), NOW, NOW, PLAIN
    )
    ended = Recording(state="stopped", folder="/r/x", seconds=61, detail="The disk is full")
    line = "Record   stopped after 1 min: The disk is full, in /r/x"
    assert line in status_view.lines(bus_state(ended), NOW, NOW, PLAIN)
    idle = status_view.lines(bus_state(Recording(state="idle", folder="/r/x")), NOW, NOW, PLAIN)
    assert not [line for line in idle if line.startswith("Record")]


def test_what_is_kept_for_clips_is_in_the_status_and_nothing_is_said_if_nothing_is():
    kept = ClipState(seconds=30, kept_s=30.0, memory_bytes=7 * 10**6)
    line = "Clip     the last 30 s are kept in memory (7.0 MB)"
    assert line in status_view.lines(bus_state(kept), NOW, NOW, PLAIN)
    assert not [one for one in status_view.lines(bus_state(ClipState()), NOW, NOW, PLAIN) if one.startswith("Clip")]
    waits = ClipState(seconds=30, memory_bytes=7 * 10**6, waiting=1)
    assert f"{line}, 1 clip not saved yet" in status_view.lines(bus_state(waits), NOW, NOW, PLAIN)


def test_the_status_json_names_the_workers_that_do_not_answer():
    data = as_data(full(), NOW, NOW)
    assert data["realm"] == "playstation"
    assert data["stale_workers"] == ["audio"]
    assert [peer.online_id for peer in data["peers"]] == ["Bo-Streams", "Cleo_99"]
    assert len(data["speaking"]) == len(data["problems"]) == 1


def test_a_name_cannot_steer_the_terminal():
    assert "\x1b" not in printable("evil\x1b[2Jname\n")
    state = bus_state(party(name="x\x1b[31m"))
    assert "\x1b" not in "\n".join(status_view.lines(state, NOW, NOW, PLAIN))


def process(state: str, started_at: float = NOW - 60, name: str = "media", **more: str) -> Process:
    return Process(name, state, 1, f"/log/{name}.log", started_at=started_at, **more)


def test_a_worker_that_runs_without_a_heartbeat_is_shown_so():
    (line,) = status_view.workers(bus_state(), NOW, NOW, PLAIN, [process("RUNNING")])[1:]
    assert "no answer" in line
    assert "/log/media.log" in line
    (line,) = status_view.workers(bus_state(), NOW, NOW, PLAIN, [process("RUNNING", NOW - 1)])[1:]
    assert "no answer" not in line
    (line,) = status_view.workers(bus_state(), NOW, NOW, PLAIN, [process("RUNNING", name="simulator")])[1:]
    assert "no answer" not in line


def members(*devices: tuple[str, str, str]) -> PartyState:
    return PartyState(
        phase="joined",
        session_id="s",
        members=tuple(Member(account_id=one, platform=platform, online_id=name) for one, platform, name in devices),
    )


def test_the_status_says_that_members_are_not_known_yet_and_what_is_still_left() -> None:
    unread = msgspec.structs.replace(members(("1", "MOBILE_APP", "Ada")), members_known=False, unconfirmed=2)
    (line,) = [line for line in status_view.lines(bus_state(unread), NOW, NOW, PLAIN) if line.startswith("Party")]
    assert line == ("Party    s, members cannot be read yet, 2 earlier leaves not confirmed yet (repeated)")
    none = PartyState(phase="none", reason="Left the party.", unconfirmed=1)
    assert "Party    none: Left the party, 1 earlier leave not confirmed yet (repeated). Join one" in "\n".join(
        status_view.lines(bus_state(none), NOW, NOW, PLAIN)
    )


def test_a_device_that_rests_is_told_and_is_no_fault():
    mixer = MixerState(
        sink="null",
        wanted_sink="device",
        target="BlackHole 2ch",
        where="to the sound device “BlackHole 2ch”, which is resting until a party is joined",
        resting=True,
    )
    assert status_view.sound(bus_state(mixer)) == mixer.where
    missing = msgspec.structs.replace(mixer, where="nowhere: there is no sound device", resting=False)
    assert status_view.sound(bus_state(missing)) == (missing.where, "yellow")


def test_voices_from_another_machine_are_told_with_what_the_network_does() -> None:
    calm = FarSound(delay_ms=3.2, jitter_ms=12.0, queue_ms=10.0, missing=0)
    (line,) = [line for line in status_view.lines(bus_state(calm), NOW, NOW, PLAIN) if "another machine" in line]
    assert line.split(None, 3)[:2] == ["voices", "from"]
    assert line.endswith("3 ms on the way, up to 12 ms more, so the mix waits 10 ms longer")
    stalled = FarSound(delay_ms=3.2, jitter_ms=900.0, queue_ms=0.0, missing=70)
    words, colour = status_view.far_sound(bus_state(stalled)) or ("", "")
    assert colour == "yellow"
    assert words.endswith("up to 900 ms more, 70 frames missing so far")
    assert status_view.far_sound(bus_state()) is None


@pytest.mark.parametrize(
    ("session", "recorder", "line"),
    [
        ("held (caffeinate, process 7)", "not held", ("Sleep    kept off by session")),
        ("held (caffeinate, process 7)", "held (caffeinate, process 8)", "Sleep    kept off by recorder and session"),
        ("not held", "not held", ""),
        ("", "", ""),
        ("held (x)", "not held: it ended (3)", "Sleep    may come while nobody uses this machine (it ended (3))"),
    ],
)
def test_whether_the_machine_may_fall_asleep(session: str, recorder: str, line: str) -> None:
    beats = [
        msgspec.structs.replace(health(name), facts={"awake": words} if words else {})
        for name, words in (("session", session), ("recorder", recorder))
    ]
    found = status_view.lines(bus_state(*beats), NOW, NOW, PLAIN)
    assert [text for text in found if text.startswith("Sleep")] == ([line] if line else [])


def test_each_further_output_has_a_line_below_the_sound() -> None:
    outputs = (
        OutputStatus(name="main", phase="playing", where="to the sound device “Ears”", latency_ms=40),
        OutputStatus(name="obs", phase="playing", where="to the sound device “BlackHole”", latency_ms=51.2),
        OutputStatus(name="tv", phase="waiting", where="nowhere: there is no sound device “TV” that takes sound"),
    )
    mixer = MixerState(sink="device", wanted_sink="device", where="to the sound device “Ears”", outputs=outputs)
    lines = status_view.lines(bus_state(mixer), NOW, NOW, PLAIN)
    at = next(number for number, line in enumerate(lines) if line.startswith("Sound"))
    assert [line.strip() for line in lines[at + 1 : at + 3]] == [
        "obs: to the sound device “BlackHole”, latency 51 ms",
        "tv: nowhere: there is no sound device “TV” that takes sound",
    ]
    assert status_view.further_outputs(bus_state(mixer))[1] == (lines[at + 2].strip(), "yellow")
