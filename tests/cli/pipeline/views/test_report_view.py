"""What the report of `partyline up --for` looks like, word for word."""

from __future__ import annotations

from cli.pipeline.totals import ListeningReport, MemberTotals
from cli.pipeline.views import report_view
from cli.shared.terminal import Style

PLAIN = Style(on=False)
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
