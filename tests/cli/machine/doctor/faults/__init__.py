"""Every fault that is made on purpose, a file for each group of checks."""

from __future__ import annotations

from tests.cli.machine.doctor.faults import machine, network, peers, software
from tests.cli.machine.doctor.faults.fault import Fault

ALL: tuple[Fault, ...] = (*machine.FAULTS.found, *software.FAULTS.found, *network.FAULTS.found, *peers.FAULTS.found)
