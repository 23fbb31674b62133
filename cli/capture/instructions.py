"""What `partyline capture start` tells the person at the phone, before and after the capture."""

from __future__ import annotations

from pathlib import Path

from captures.read.proxy import Environment
from captures.tell.checklist import STEPS
from cli.shared.pages.qr import qr_lines
from cli.shared.terminal import Style

PAGE = "http://mitm.it"


def directions(where: list[str], port: int, style: Style) -> list[str]:
    """Return the steps for the person at the phone, with the certificate page's QR code."""
    first = where[0] if where else "(this machine has no network address)"
    more = [f"        (or {', '.join(where[1:])}, whichever the phone can reach)"] if where[1:] else []
    return [
        style("On the phone, in the same Wi-Fi", "bold"),
        "",
        "  1. Settings, Wi-Fi, this network, HTTP proxy: manual",
        f"        server  {style(first, 'cyan')}",
        *more,
        f"        port    {style(str(port), 'cyan')}",
        f"  2. Open {style(PAGE, 'cyan')} in the phone's browser, or scan the code below. The page exists only behind",
        "     this proxy. Install the certificate for your system.",
        "",
        *("     " + line for line in qr_lines(PAGE)),
        "",
        "     iPhone: then open Settings, General, About, Certificate Trust Settings, and switch it on.",
        "     Android: most apps do not trust such a certificate. See notes/how-to-capture.md.",
        "  3. Close the PlayStation App completely, open it again, and do the following, slowly:",
        "",
        *(f"        [ ] {step.name:<14}{step.how}" for step in STEPS),
        "",
        "Only traffic with Sony's hosts is read. Other traffic passes through unread and unrecorded.",
        "Ctrl-C ends the capture.",
        "",
    ]


def next_steps(place: Path | None, environment: Environment) -> list[str]:
    """Return the next steps. `place` is the capture, or None if it is empty."""
    with_capture = [
        f"  - partyline capture verify {place}   checks for personal data",
        f"  - partyline capture report {place}   describes its contents",
        f"  - partyline capture compare {place}   shows how our client differs",
        "  - Sign out everywhere in the account's settings, so that the captured tokens become invalid.",
    ]
    return [
        "",
        "Next steps:",
        "  - On the phone: switch the HTTP proxy off and remove the certificate (iPhone: its profile).",
        f"  - Here: rm -r {environment.authority}   (the key that the phone trusted)",
        *(with_capture if place else []),
    ]
