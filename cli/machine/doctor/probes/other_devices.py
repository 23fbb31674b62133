"""Measurement of who else can reach this machine's pages and bus."""

from __future__ import annotations

import datetime as dt

from cli.machine.doctor.judge.other_devices import Reach
from cli.machine.doctor.surroundings import Surroundings
from common.bus.peers import keyring
from common.config.https import certificate_store
from common.config.https.authority import lost_names
from common.config.https.own_names import own_names
from common.config.settings import is_loopback
from common.errors import PartylineError


def reach(around: Surroundings) -> Reach:
    listen = around.settings.dashboard.listen
    try:
        ring = keyring.load(around.paths)
    except PartylineError:  # the gate's own problem tells, and lets nobody in
        ring = None
    paired = tuple(f"{peer.name} ({peer.right})" for peer in ring.guests) if ring else ()
    error = None if is_loopback(listen) else _certificate_error(around)
    return Reach(
        listen=listen,
        is_loopback=is_loopback(listen),
        certificate_error=error.message if error else "",
        certificate_remedy=error.remedy if error else "",
        paired=paired,
    )


def _certificate_error(around: Surroundings) -> PartylineError | None:
    """Return why other devices cannot use the certificate. The dashboard makes and renews it, not the doctor."""
    try:
        kept = certificate_store.load(around.paths)
        if kept is None:
            return None
        certificate_store.check(kept, dt.datetime.now(dt.UTC))
    except PartylineError as error:
        return error
    if lost := lost_names(kept.authority, own_names(around.settings.dashboard.listen)):
        return PartylineError(
            f"Other devices cannot open the pages as {', '.join(lost)}, the new name of this machine.",
            "Run `partyline https new` and trust the new certificate on each device.",
        )
    return None
