"""What the status and the report look like, word for word."""

from __future__ import annotations

from cli.pipeline import report_view, status_view
from cli.pipeline.status import as_data
from cli.pipeline.totals import ListeningReport, MemberTotals
from cli.shared.output import Style, Table, percent, platform_name, printable, span, width, words
from cli.shared.supervisor import Process
from common.messages import BRIDGE, MixerState, MixerTalker, PeerState, RecordedTalker, Recording, Trying
from tests.cli.pictures import BO, CLEO, NOW, bo, cleared, full, health, party, picture

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

REPORT = """\

Listened for 30 s: 2 of 3 voices heard.

  MEMBER      DEVICE  HEARD FOR   DELAY  PACKETS  LOST  CONCEALED   GAPS
  Bo-Streams  PS5        12.3 s   67 ms      308     0      0.1 %      0
  Cleo_99     phone       4.0 s  181 ms      100     9      8.0 %  30 ms
  Dee         PC          0.0 s       -        0     0      0.0 %      0

  Dee was silent.
  The sound went to the sound device “BlackHole 2ch”.
  DELAY: from a packet's arrival to the ear, including 76 ms in the jitter buffer and 9 ms in the sink
  CONCEALED: sound made up for lost packets. GAPS: sound that was missing in the mix"""


def test_the_status_reads_as_it_always_did():
    assert "\n".join(status_view.lines(full(), NOW, NOW, PLAIN)) == STATUS


def test_a_narrow_terminal_gets_fewer_columns_and_never_a_broken_line():
    found = status_view.lines(full(), NOW, NOW, PLAIN, 80)
    assert max(len(line) for line in found) <= 80
    assert found[6] == "  MEMBER             VOICE     CONNECTION  DELAY  CONCEALED    GAPS   GAIN"


def test_the_status_says_what_is_tried_with_whom():
    trying = Trying(members={bo().key(): "trying form 3 of 32: frame.line=2/1/1", "1.PS5": "of somebody who left"})
    shown = status_view.lines(picture(party(), bo(connection="connecting"), trying), NOW, NOW, PLAIN)
    assert "  Bo-Streams: trying form 3 of 32: frame.line=2/1/1" in shown
    assert not any("somebody who left" in line for line in shown)


def test_the_status_says_which_way_a_voice_comes():
    bridge = {"account_id": BRIDGE.account_id, "platform": BRIDGE.platform, "connection": "connected"}
    shown = "\n".join(status_view.lines(picture(party(), bo(way="own"), PeerState(**bridge)), NOW, NOW, PLAIN))
    assert "connected, on standby" in shown
    assert "through the bridge" not in shown
    state = picture(party(), bo(connection="failed", way="bridge"), PeerState(**bridge, way="bridge"))
    shown = "\n".join(status_view.lines(state, NOW, NOW, PLAIN))
    assert "failed, heard through the bridge" in shown
    assert "on standby" not in shown


def test_the_status_says_who_is_silenced_by_somebody_elses_solo():
    talkers = (MixerTalker(peer=BO.peer, solo=True), MixerTalker(peer=CLEO.peer, hushed=True))
    mixer = MixerState(sink="null", wanted_sink="null", where="nowhere", solo=True, talkers=talkers)
    shown = status_view.lines(picture(party(), bo(), mixer), NOW, NOW, PLAIN)
    assert [line.split("  ")[-1].strip() for line in shown if "Bo-Streams" in line] == ["0 dB"]
    assert [line.split("  ")[-1].strip() for line in shown if "Cleo_99" in line] == ["silenced by solo"]


def test_the_status_of_a_pipeline_that_has_said_nothing_yet_says_so():
    assert "\n".join(status_view.lines(picture(), NOW, NOW, PLAIN)) == EMPTY


def test_what_supervisord_has_given_up_or_runs_without_a_heartbeat_is_in_the_status():
    processes = [
        Process("simulator", "RUNNING", 0, "/log/simulator.log", started_at=NOW - 90),
        Process("session", "FATAL", 1, "/log/session.log"),
        Process("media", "RUNNING", 0, "/log/media.log"),
    ]
    state = picture(health("media"))
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
        picture(found), NOW, NOW, PLAIN
    )
    ended = Recording(state="stopped", folder="/r/x", seconds=61, detail="The disk is full")
    line = "Record   stopped after 1 min: The disk is full, in /r/x"
    assert line in status_view.lines(picture(ended), NOW, NOW, PLAIN)
    idle = status_view.lines(picture(Recording(state="idle", folder="/r/x")), NOW, NOW, PLAIN)
    assert not [line for line in idle if line.startswith("Record")]


def test_the_status_json_names_the_workers_that_do_not_answer():
    data = as_data(full(), NOW, NOW)
    assert data["realm"] == "playstation"
    assert data["stale_workers"] == ["audio"]
    assert [peer.online_id for peer in data["peers"]] == ["Bo-Streams", "Cleo_99"]
    assert len(data["speaking"]) == len(data["problems"]) == 1


def heard(name: str, platform: str, **more: object) -> MemberTotals:
    figures = dict.fromkeys(("heard_s", "delay_ms", "receive_delay_ms", "age_ms", "concealed_share"), 0.0)
    counts = dict.fromkeys(
        ("packets", "lost", "late", "frames", "concealed_frames", "fec_frames", "missing", "dropped"), 0
    )
    return MemberTotals(**{"peer": name, "name": name, "platform": platform, **figures, **counts, **more})


def test_the_report_reads_as_it_always_did():
    report = ListeningReport(
        listened_s=30.0,
        sink="device",
        wanted_sink="device",
        target="BlackHole 2ch",
        where="to the sound device “BlackHole 2ch”",
        sink_latency_ms=9.0,
        members=(
            heard(
                "Bo-Streams", "PS5", heard_s=12.3, delay_ms=67, receive_delay_ms=40, packets=308, concealed_share=0.001
            ),
            heard(
                "Cleo_99",
                "MOBILE_APP",
                heard_s=4.0,
                delay_ms=181,
                receive_delay_ms=112,
                packets=100,
                lost=9,
                concealed_share=0.08,
                missing=3,
            ),
            heard("Dee", "PSPC"),
        ),
    )
    assert "\n".join(report_view.lines(report, PLAIN)) == REPORT


def test_a_coloured_table_is_aligned_as_the_plain_one_is():
    rows = [[("a", "red"), "1"], [("bcd", ""), "22"]]
    coloured = Table(["X", "N"], rows, "lr").lines(Style(on=True))
    plain = Table(["X", "N"], rows, "lr").lines(PLAIN)
    for code in ("\x1b[2m", "\x1b[31m", "\x1b[0m"):
        coloured = [line.replace(code, "") for line in coloured]
    assert coloured == plain == ["  X     N", "  a     1", "  bcd  22"]


def test_wide_letters_take_two_columns():
    assert width("日本e\u0301") == 5


def test_a_name_cannot_steer_the_terminal():
    assert "\x1b" not in printable("evil\x1b[2Jname\n")
    state = picture(party(name="x\x1b[31m"))
    assert "\x1b" not in "\n".join(status_view.lines(state, NOW, NOW, PLAIN))


def test_figures_read_as_one_says_them():
    assert [span(s) for s in (-1, 59.4, 60, 7260, 3 * 86400)] == ["0 s", "59 s", "1 min", "2 h 1 min", "3 days"]
    assert [words(list(names)) for names in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert percent(0.0149) == "1.5 %"
    assert platform_name("XBOX") == "XBOX"


def test_no_colour_where_nobody_sees_it(monkeypatch):
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Style.of(Terminal()).on
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Style.of(Terminal()).on


def test_a_peer_that_left_is_gone_from_the_picture():
    state = full()
    state.note(cleared(party()))
    assert not state.joined
