"""The report at the end of `partyline up --for`, as a streamer reads it."""

from __future__ import annotations

from cli.pipeline.totals import ListeningReport, MemberTotals
from cli.shared.terminal import Cell, Style, Table, counted, listed, ms, percent, platform_name, printable, span
from common.messages import FRAME_MS

CONCEALED_BAD = 0.05
"""Share of concealed sound from which it is audible."""
DELAY_BAD_MS = 150.0


def lines(report: ListeningReport, style: Style) -> list[str]:
    """Return the report's lines."""
    heard = [member for member in report.members if member.heard_s > 0]
    silent = [member.name for member in report.members if member.heard_s <= 0]
    title = f"Listened for {span(report.listened_s)}: {len(heard)} of {counted(len(report.members), 'voice')} heard."
    head = ["MEMBER", "DEVICE", "HEARD FOR", "DELAY", "PACKETS", "LOST", "CONCEALED", "GAPS"]
    out = ["", style(title, "bold"), ""]
    out += Table(head, [_row(member) for member in report.members], "llrrrrrr").lines(style)
    out.append("")
    if silent:
        verb = "was" if len(silent) == 1 else "were"
        out.append(f"  {listed(silent)} {verb} silent.")
    out.append(f"  The sound went {printable(report.where)}.")
    out += [style(f"  {line}", "dim") for line in _legend(report)]
    return out


def _row(member: MemberTotals) -> list[Cell]:
    return [
        (member.name, "bold"),
        platform_name(member.platform),
        f"{member.heard_s:.1f} s",
        (ms(member.delay_ms), "yellow" if member.delay_ms > DELAY_BAD_MS else "") if member.delay_ms else "-",
        str(member.packets),
        (str(member.lost), "yellow" if member.lost else ""),
        (percent(member.concealed_share), "yellow" if member.concealed_share > CONCEALED_BAD else ""),
        (f"{member.missing * FRAME_MS} ms" if member.missing else "0", "yellow" if member.missing else ""),
    ]


def _legend(report: ListeningReport) -> list[str]:
    waits = [member.receive_delay_ms for member in report.members if member.receive_delay_ms]
    parts = [f"{ms(report.sink_latency_ms)} in the sink"]
    if waits:
        parts.insert(0, f"{ms(sum(waits) / len(waits))} in the jitter buffer")
    return [
        f"DELAY: from a packet's arrival to the ear, including {listed(parts)}",
        "CONCEALED: sound made up for lost packets. GAPS: sound that was missing in the mix",
    ]
