"""Measurement of who else can reach this machine's pages and bus."""

from __future__ import annotations

from cli.machine.doctor.judge.other_devices import Reach
from cli.machine.doctor.surroundings import Surroundings
from common.bus.peers import keyring
from common.config.https import certificate_store
from common.config.https.own_names import own_names
from common.config.settings import is_loopback
from common.errors import PartylineError
from common.system.hostname import local_name


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
    """Return why other devices cannot use the certificate. It is not made here."""
    try:
        if certificate_store.load(around.paths) is not None:
            found = certificate_store.current(around.paths, own_names(around.settings.dashboard.listen))
            if found.lost:
                return PartylineError(
                    f"Other devices cannot open the pages as {local_name()}, the new name of this machine.",
                    "Run `partyline https new` and trust the new certificate on each device.",
                )
    except PartylineError as error:
        return error
    return None
