"""One run of `partyline capture start`, from the start of mitmdump to its end."""

from __future__ import annotations

import argparse
import signal
import sys

from captures.read import flows
from captures.read.live import CertificateRefused, Intake, LiveFolder, Seen, TurnedAway
from captures.read.proxy import Environment, Mitmdump
from captures.tell.checklist import Checklist
from cli.capture.instructions import directions, next_steps
from cli.shared.failures import OK, CommandError
from cli.shared.lan_addresses import addresses
from cli.shared.terminal import Style, counted, echo, printable


class CaptureRun:
    """Reads the records of mitmdump into the capture folder, and shows the progress."""

    def __init__(self, args: argparse.Namespace, environment: Environment, into: LiveFolder, proxy: Mitmdump) -> None:
        self._args = args
        self._environment = environment
        self._into = into
        self._proxy = proxy
        self._list = Checklist()
        self._style = Style.of(sys.stdout)
        self._live = sys.stdout.isatty()
        self._refused: set[str] = set()
        self._signals = 0

    def run(self) -> int:
        before = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            ready, damage = self._read()
        finally:
            reason = self._proxy.ended()
            for number, handler in before.items():
                signal.signal(number, handler)
        self._clear()
        if not ready:
            self._into.discard()
            raise CommandError(
                f"mitmdump did not start: {reason or 'it exited at once'}.", "Fix the cause, then try again."
            )
        if reason and not damage:
            damage = "mitmdump failed during the capture"
        self._into.close(damage)
        return self._summary(damage, reason)

    def _on_signal(self, number: int, frame: object) -> None:
        """End mitmdump. Its pending flows are still read. A second signal ends it at once."""
        del number, frame
        self._signals += 1
        self._proxy.stop() if self._signals == 1 else self._proxy.kill()

    def _read(self) -> tuple[bool, str]:
        """Read all of mitmdump's records. Return whether it was ever ready, and why it ended early, if it did."""
        intake, ready = Intake(self._into), False
        for record in flows.records(self._proxy.pipe):
            if record.get("what") == "ready":
                ready = True
                for line in directions(addresses(self._args.host), self._args.port, self._style):
                    echo(line)
            for item in intake.take(record):
                self._show(item)
            self._status()
        return ready, "" if self._signals else "mitmdump exited by itself"

    # --- what is shown ------------------------------------------------------------------------------

    def _show(self, item: Seen) -> None:
        if isinstance(item, CertificateRefused):
            self._show_refused(item.host)
        elif isinstance(item, TurnedAway):
            self._show_turned_away(item)
        elif step := self._list.take(item):
            self._line(self._style("  [x] ", "green") + f"{step.name:<14}{self._list.seen[step.name]:.0f} s")

    def _show_refused(self, host: str) -> None:
        if host in self._refused:
            return
        self._refused.add(host)
        self._line(
            self._style("  [!] ", "yellow")
            + f"{printable(host)}: the phone does not accept this proxy's certificate. If it is installed and "
            "trusted,\n      the app accepts only Sony's own certificates, and this kind of capture is not possible."
        )

    def _show_turned_away(self, item: TurnedAway) -> None:
        if item.host in self._refused:
            return
        self._refused.add(item.host)
        text = (
            f"{item.host} was rejected, because this capture belongs to {item.phone}. If that is not your phone,\n"
            f"      stop the capture, and start it again with --phone {item.host}."
            if item.phone
            else f"the phone asked for {item.host}, which is on this machine. The request was rejected."
        )
        self._line(self._style("  [!] ", "yellow") + "\n".join(map(printable, text.splitlines())))

    def _line(self, text: str) -> None:
        self._clear()
        echo(text)

    def _clear(self) -> None:
        if self._live:
            sys.stdout.write("\r\x1b[K")

    def _status(self) -> None:
        if not self._live:
            return
        about = self._into.about
        sys.stdout.write(
            f"\r\x1b[K  {counted(about.exchanges, 'exchange')}, {counted(about.frames, 'push message')}, "
            f"{counted(about.other_hosts, 'connection')} to other hosts"
        )
        sys.stdout.flush()

    def _summary(self, damage: str, reason: str) -> int:
        about, place = self._into.about, self._into.place
        echo()
        echo(f"{counted(about.exchanges, 'exchange')} and {counted(about.frames, 'push message')} are in {place}.")
        if self._list.missing:
            echo(f"Not done: {', '.join(step.name for step in self._list.missing)}.")
        for line in next_steps(place if about.exchanges else None, self._environment):
            echo(line)
        if damage:
            raise CommandError(
                f"{damage[0].upper()}{damage[1:]}{': ' + reason if reason else ''}.",
                f"The capture up to that moment is in {place}.",
            )
        if not about.exchanges:
            raise CommandError(
                "No traffic with Sony's hosts was captured.",
                "Check the phone's proxy settings and the certificate. See notes/how-to-capture.md.",
            )
        return OK
