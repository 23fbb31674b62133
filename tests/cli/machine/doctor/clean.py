"""A Mac on which nothing is wrong, made of programs that say so and of servers on loopback."""

from __future__ import annotations

import email.utils
import time
from types import SimpleNamespace
from typing import Any

import msgspec

from cli.machine.doctor.judge.peers import Multicast
from common.config.tables import Settings
from tests.cli.machine.doctor.faults.machine import PMSET
from tests.cli.machine.doctor.faults.network import stun_at
from tests.cli.machine.doctor.faults.software import keyring, obs_app, portaudio
from tests.cli.machine.doctor.stage import MAC, Stage, with_table
from tests.support.processes import free_port

SYSCTL = 'case "$2" in hw.optional.arm64) echo 1;; sysctl.proc_translated) echo 0;; esac'


def clean_mac(stage: Stage) -> dict[str, Any]:
    """Make it. Return the changes to the surroundings."""
    stage.patch("platform.machine", lambda: "arm64")
    stage.patch("psutil.virtual_memory", lambda: SimpleNamespace(total=16_000_000_000, available=8_000_000_000))
    stage.tool("sw_vers", "echo 26.1")
    stage.tool("sysctl", SYSCTL)
    stage.tool("pmset", PMSET.format(low=0, sleep=0))
    stage.tool("socketfilterfw", 'echo "Firewall is disabled. (State = 0)"')
    stage.tool("security", 'echo "Keychain "login.keychain-db" no-timeout" >&2')
    stage.patch("cli.machine.doctor.probes.network.udp.local_addresses", list)  # the tests send to nobody's network
    stage.patch("cli.machine.doctor.probes.peers._bonjour", bonjour)
    portaudio(stage, ("MacBook Air Speakers", 24.4167), ("BlackHole 2ch", 0))
    stage.module("keeping", _KEEPING)
    obs_app(stage, "kTCCServiceMicrophone", stage.folder / "elsewhere")
    authority = stage.http_server(email.utils.formatdate(time.time(), usegmt=True))
    ports = stage.stun_server(), stage.stun_server()
    settings: Settings = with_table("doctor", date_url=f"http://{authority}/")
    tables = {"ice": stun_at(*ports)["settings"].ice, "dashboard": with_table("dashboard", port=free_port()).dashboard}
    return {
        **keyring(stage, "keeping.Keyring"),
        "platform": MAC,
        "settings": msgspec.structs.replace(settings, **tables),
    }


async def bonjour() -> Multicast:
    return Multicast(announced=True, came_back=True)


_KEEPING = """\
from keyring.backend import KeyringBackend
class Keyring(KeyringBackend):
    priority = 1
    kept = {}
    def set_password(self, service, name, value): self.kept[service, name] = value
    def get_password(self, service, name): return self.kept.get((service, name))
    def delete_password(self, service, name): del self.kept[service, name]
"""
