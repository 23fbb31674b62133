"""The settings' tables that are about this machine: checks, sleep, the simulator, logs."""

from __future__ import annotations

from typing import Literal

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
