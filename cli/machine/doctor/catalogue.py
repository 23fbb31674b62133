"""Every check, in the order of what to do first."""

from __future__ import annotations

from typing import Any

from cli.machine.doctor.check import Check
from cli.machine.doctor.judge import (
    home,
    keychain,
    machine,
    network,
    obs,
    other_devices,
    peers,
    processes,
    software,
    sound,
)
from cli.machine.doctor.probes import home as at_home
from cli.machine.doctor.probes import keychain as at_keychain
from cli.machine.doctor.probes import machine as at_machine
from cli.machine.doctor.probes import obs as at_obs
from cli.machine.doctor.probes import other_devices as at_other_devices
from cli.machine.doctor.probes import peers as at_peers
from cli.machine.doctor.probes import processes as at_processes
from cli.machine.doctor.probes import software as at_software
from cli.machine.doctor.probes import sound as at_sound
from cli.machine.doctor.probes.network import udp, way_out
from cli.machine.doctor.surroundings import IS_MAC

LONG_S = 25.0
"""For a check that starts a process, which may take all of its own limit (20 s at most)."""

CHECKS: tuple[Check[Any], ...] = (
    Check("system", "Operating system", at_machine.system, machine.system),
    Check("architecture", "Processor", at_machine.architecture, machine.architecture),
    Check("rosetta", "Rosetta", at_machine.architecture, machine.rosetta, only_on=IS_MAC),
    Check("python", "Python", at_software.python, software.python),
    Check("packages", "Packages", at_software.packages, software.packages, wait_s=LONG_S),
    Check("opus", "libopus", at_software.opus, software.opus, wait_s=LONG_S),
    Check("noise-suppression", "Noise suppression", at_software.suppression, software.suppression, wait_s=LONG_S),
    Check("home", "Home folder", at_home.folders, home.writable),
    Check("disk", "Disk space", at_home.folders, home.disk),
    Check("settings", "Settings", at_home.settings, home.settings),
    Check("locked-files", "State files", at_home.files, home.locked),
    Check("set-aside", "Unusable files", at_home.files, home.set_aside),
    Check("limits", "Limits of a process", at_machine.limits, machine.limits),
    Check("memory", "Memory", at_machine.memory, machine.memory),
    Check("leftovers", "Leftover processes", at_processes.processes, processes.leftovers),
    Check("others", "Other partylines", at_processes.processes, processes.others),
    Check("port", "Dashboard's port", way_out.port, network.port),
    Check("reach", "Who can reach it", at_other_devices.reach, other_devices.reach),
    Check("certificates", "Certificates", way_out.certificates, network.certificates),
    Check("proxy", "Proxies", way_out.proxies, network.proxies),
    Check("dns", "Names", way_out.names, network.names, contacts=True),
    Check("internet", "Way to the Internet", way_out.outside, network.outside, contacts=True),
    Check("clock", "Clock", way_out.outside, network.clock, contacts=True),
    Check("stun", "STUN", udp.stun, network.stun, contacts=True, wait_s=LONG_S),
    Check("nat", "NAT", udp.nat, network.nat, contacts=True, wait_s=LONG_S),
    Check("lan", "Local network", udp.lan, network.lan, contacts=True),
    Check("ipv6", "IPv6", udp.ipv6, network.ipv6),
    Check("firewall", "Firewall", at_machine.firewall, machine.firewall, only_on=IS_MAC),
    Check("paired", "Paired machines", at_peers.paired, peers.paired),
    Check("gate-ports", "Ports for paired machines", at_peers.ports, peers.ports, wait_s=LONG_S),
    Check("bonjour", "Bonjour", at_peers.bonjour, peers.bonjour, contacts=True, wait_s=LONG_S),
    Check("gates", "Ways to paired machines", at_peers.gates, peers.gates, contacts=True, wait_s=LONG_S),
    Check("gate-clocks", "Clocks of paired machines", at_peers.gates, peers.clocks, contacts=True, wait_s=LONG_S),
    Check("gate-versions", "Versions of paired machines", at_peers.gates, peers.versions, contacts=True, wait_s=LONG_S),
    Check("keychain", "Keychain", at_keychain.keychain, keychain.keychain, wait_s=LONG_S),
    Check("portaudio", "PortAudio", at_sound.sound, sound.portaudio, wait_s=LONG_S),
    Check("devices", "Sound devices", at_sound.sound, sound.devices, wait_s=LONG_S),
    Check("default-device", "Default output", at_sound.sound, sound.default_device, wait_s=LONG_S),
    Check("chosen-device", "Chosen output", at_sound.sound, sound.chosen_device, wait_s=LONG_S),
    Check("further-outputs", "Further outputs", at_sound.sound, sound.further_outputs, wait_s=LONG_S),
    Check("blackhole", "BlackHole", at_sound.sound, sound.blackhole, only_on=IS_MAC, wait_s=LONG_S),
    Check("recordings", "Recordings", at_home.folders, home.recordings),
    Check("obs", "OBS", at_obs.obs, obs.obs, wait_s=LONG_S),
    Check("obs-websocket", "OBS's WebSocket", at_obs.obs, obs.websocket, wait_s=LONG_S),
    Check("obs-game", "Game in OBS", at_obs.game, obs.game, wait_s=LONG_S),
    Check("microphone", "Microphone for OBS", at_obs.permissions, obs.microphone, only_on=IS_MAC),
    Check("screen-audio", "Screen audio for OBS", at_obs.permissions, obs.screen_audio, only_on=IS_MAC),
    Check("sleep", "Sleep", at_machine.power, machine.sleep, only_on=IS_MAC),
    Check("kept-awake", "Kept awake", at_machine.power, machine.kept_awake, only_on=IS_MAC),
    Check("low-power", "Low Power Mode", at_machine.power, machine.low_power, only_on=IS_MAC),
    Check("pipeline", "Pipeline", at_processes.pipeline, processes.pipeline),
    Check("problems", "Open problems", at_processes.pipeline, processes.problems),
)
