"""The settings' tables that are about this machine: checks, sleep, the simulator, logs."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from common.basic.division import MOVABLE, DeskProgram, Division, Side, of
from common.config.settings_table import SettingsTable


class DoctorSettings(SettingsTable, frozen=True, kw_only=True):
    """Only `partyline doctor` and `partyline report` read it."""

    date_url: str = "https://www.apple.com/library/test/success.html"
    """Page whose server tells the time (header `Date`) and whether the Internet is reached. Macs ask such pages of
    Apple's themselves in each new network. Never one of PlayStation's."""


class SystemSettings(SettingsTable, frozen=True, kw_only=True):
    """What partyline asks of the operating system."""

    keep_awake: bool = True
    """Keep a Mac from idle sleep while in a party or recording (`caffeinate -i`). A closed lid still lets it sleep."""


class PeersSettings(SettingsTable, frozen=True, kw_only=True):
    """Other machines that are paired with this one (`partyline pair`). Without one no port is opened."""

    listen: str = "0.0.0.0"  # noqa: S104  # only paired machines get further than the handshake
    """Address to listen on for paired machines."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65530)] = 8772
    """First of the TCP ports: four for paired machines, and one more while `partyline pair` waits."""


class SplitSettings(SettingsTable, frozen=True, kw_only=True):
    """Two paired machines that are one pipeline. `partyline split` writes it on both of them."""

    machine: str = ""
    """Name of the other machine, as `partyline peers` shows it. Empty means that every worker runs here."""
    side: Side = "desk"
    """Which of the two this one is. The spare one is in the party: auth, session, signaling and media run there."""
    desk: tuple[DeskProgram, ...] = MOVABLE
    """What runs at the desk. All else runs on the spare machine. Both machines need the same list."""
    carriage: Literal["pcm", "opus"] = "pcm"
    """How voices come to the desk: uncompressed (`pcm`, 0.8 Mbit/s a talker) or as `opus`. Read at the desk only."""

    def division(self) -> Division | None:
        """Return what they ask for, None for a pipeline on one machine. Raises `SettingsError`."""
        return of(self.machine, self.side, self.desk)


class SimulatorSettings(SettingsTable, frozen=True, kw_only=True):
    port: int = 0
    """TCP port on loopback. 0 means the last run's port if it is free, else any."""
    consoles: int = 3
    """Consoles in the demo party, 1…15."""
    demo: bool = True
    """Join the demo party automatically while the realm is the simulator."""


class LogSettings(SettingsTable, frozen=True, kw_only=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is logged."""
