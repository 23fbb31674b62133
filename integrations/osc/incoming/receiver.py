"""Takes datagrams: whose they are, what they say, what is to be done about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from common.api import VERSION
from common.config.integration_tables import OscSettings
from integrations.osc.address_table import whole
from integrations.osc.incoming.commands import OWN, call_of
from integrations.osc.incoming.directory import Directory, Slot
from integrations.osc.incoming.requester import Requester
from integrations.osc.outgoing.desk_feed import DeskFeed
from integrations.osc.outgoing.targets import OscTarget, Targets
from integrations.osc.wire.arguments import OscArgumentError, number, switch
from integrations.osc.wire.osc_packets import Address, HeardMessage, MalformedError, Value, decode
from integrations.osc.wire.senders import Senders

Log = structlog.stdlib.BoundLogger
Tell = Callable[[OscTarget, dict[str, Value]], None]


class OscReceiver:
    def __init__(  # what it brings together
        self, settings: OscSettings, feed: DeskFeed, targets: Targets, requester: Requester, tell: Tell
    ) -> None:
        self._settings = settings
        self._feed = feed
        self._targets = targets
        self._requester = requester
        self._tell = tell
        self._senders = Senders(settings.allow)
        self._directory = Directory()
        self._log: Log = structlog.get_logger("osc")

    def take(self, datagram: bytes, source: Address) -> None:
        """Take one datagram, whatever it holds."""
        host, now = str(source[0]), time.monotonic()
        verdict = self._senders.judge(host, now)
        if verdict != "taken":
            self._say_once(host, verdict)
            return
        try:
            messages = decode(datagram)
        except MalformedError:
            self._say_once(host, "malformed")
            return
        known = len(self._targets)
        target = self._targets.heard(source, self._settings.reply_port, now)
        if len(self._targets) > known:
            self._feed.changed.set()
        self._directory.update(self._feed.desk.talkers)
        for message in messages:
            self._handle(message, source, target, now)

    def _handle(self, message: HeardMessage, source: Address, target: OscTarget, now: float) -> None:
        found = self._directory.find(message.address)
        if not found:
            if self._senders.is_first(str(source[0]), message.address[:80]):
                self._log.info("there is no such address", address=message.address[:80], host=source[0])
            return
        done: set[Slot] = set()
        try:
            for address, slots in found.items():
                for slot in slots:
                    self._hold(address, slot, message.arguments, str(source[0]), now)
                    if slot in done:  # a pattern may name one talker by place, by name and by account
                        continue
                    done.add(slot)
                    self._do(slot, message.arguments, source, target)
        except OscArgumentError as error:
            self._tell(target, {whole("error"): f"{message.address[:80]}: {error.message} {error.remedy}"})

    def _do(self, slot: Slot, arguments: Sequence[Any], source: Address, target: OscTarget) -> None:
        if slot.about.path in OWN:
            self._own(slot.about.path, arguments, source, target)
            return
        call = call_of(slot, arguments, self._feed.desk, self._requester.latest)
        if call is not None:
            self._requester.ask(call, source)

    def _own(self, path: str, arguments: Sequence[Any], source: Address, target: OscTarget) -> None:
        self._feed.changed.set()
        match path:
            case "ping":
                self._tell(target, {whole("pong"): VERSION})
            case "refresh":
                target.forget_shown()
            case "unregister":
                self._targets.remove(source, self._settings.reply_port)
            case "register":
                port = round(number(arguments)) if arguments else 0
                if not 0 <= port < 65536:
                    raise OscArgumentError(f"{port} is no port.", "Send 1 to 65535.")
                if port:
                    target = self._targets.answer_at(source, port, time.monotonic())
                target.forget_shown()

    def _hold(self, address: str, slot: Slot, arguments: Sequence[Any], host: str, now: float) -> None:
        """Keep from its sender what would move a control under their finger."""
        if slot.about.way != "both":
            return
        value: Value = int(switch(arguments)) if slot.about.kind == "switch" else number(arguments)
        for target in self._targets.at_host(host):
            target.hold(address, value, now)

    def _say_once(self, host: str, what: str) -> None:
        if not self._senders.is_first(host, what):
            return
        if what == "stranger":
            remedy = f'Add "{host}" to `[osc] allow` if you know it.'
            self._log.warning("somebody who is not allowed sends OSC", host=host, remedy=remedy)
        elif what == "flood":
            self._log.warning("a controller sends too much, and part of it is left out", host=host)
        else:
            self._log.warning("what this host sends is no OSC", host=host, remedy="Look for a wrong port there.")
