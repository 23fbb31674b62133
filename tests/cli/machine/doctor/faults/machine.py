"""Faults of the machine and of its home."""

from __future__ import annotations

import os
from types import SimpleNamespace

from cli.machine.doctor.check import CheckFinding
from cli.machine.doctor.doctor import surroundings
from tests.cli.machine.doctor.faults.fault import Faults
from tests.cli.machine.doctor.stage import MAC, Stage, with_table

FAULTS = Faults()


@FAULTS.add("system", "a fake `sw_vers` says 13.6.1", "error", "macOS 13.6.1 is too old")
def old_system(stage: Stage) -> CheckFinding:
    stage.tool("sw_vers", "echo 13.6.1")
    return stage.examine("system", platform=MAC)


@FAULTS.add("architecture", "Python says that it runs on riscv64", "warning", "riscv64")
def foreign_processor(stage: Stage) -> CheckFinding:
    stage.patch("platform.machine", lambda: "riscv64")
    return stage.examine("architecture")


@FAULTS.add("rosetta", "a fake `sysctl` says sysctl.proc_translated = 1", "warning", "Rosetta translates")
def translated(stage: Stage) -> CheckFinding:
    stage.tool("sysctl", "echo 1")
    return stage.examine("rosetta", platform=MAC)


@FAULTS.add("limits", "`ulimit -Hn 256`", "error", "may open 256 files", needs_root=True)
def few_files(stage: Stage) -> CheckFinding:
    return stage.command("limits", "ulimit -n 256")


@FAULTS.add("limits", "`ulimit -v` of 500 MB", "warning", "MB of addresses only", needs_root=True)
def few_addresses(stage: Stage) -> CheckFinding:
    return stage.command("limits", "ulimit -v 500000")


@FAULTS.add("memory", "the system says that 200 MB are available", "warning", "Only 200 MB of memory")
def no_memory(stage: Stage) -> CheckFinding:
    stage.patch("psutil.virtual_memory", lambda: SimpleNamespace(total=8_000_000_000, available=200_000_000))
    return stage.examine("memory")


PMSET = """\
cat <<'END'
Currently in use:
 standby              1
 Sleep On Power Button 1
 lowpowermode         {low}
 womp                 1
 disksleep            10
 sleep                {sleep}
 displaysleep         10
END"""


@FAULTS.add("sleep", "a fake `pmset -g` says sleep 1", "note", "fall asleep after 1 min")
def sleepy(stage: Stage) -> CheckFinding:
    stage.tool("pmset", PMSET.format(low=0, sleep="1 (sleep prevented by caffeinate)"))
    return stage.examine("sleep", platform=MAC)


@FAULTS.add("kept-awake", "the same, a worker runs, and no assertion is held", "note", "nothing keeps this Mac awake")
def not_kept_awake(stage: Stage) -> CheckFinding:
    stage.tool("pmset", PMSET.format(low=0, sleep=1))
    stage.broker(stage.home)
    return stage.examine("kept-awake", platform=MAC)


@FAULTS.add("low-power", "a fake `pmset -g` says lowpowermode 1", "note", "Low Power Mode is on")
def low_power(stage: Stage) -> CheckFinding:
    stage.tool("pmset", PMSET.format(low=1, sleep=0))
    return stage.examine("low-power", platform=MAC)


@FAULTS.add("firewall", "a fake `socketfilterfw` says that all is blocked", "warning", "blocks all incoming")
def walled(stage: Stage) -> CheckFinding:
    stage.tool(
        "socketfilterfw",
        'case "$1" in --getglobalstate) echo "Firewall is enabled. (State = 1)";;\n'
        '--getblockall) echo "Firewall has block all state set to enabled.";;\n'
        '*) echo "Firewall stealth mode is off";; esac',
    )
    return stage.examine("firewall", platform=MAC)


# --- the home ---------------------------------------------------------------------------------------


@FAULTS.add("home", "the home is mounted read-only", "error", "Read-only file system", needs_root=True)
def read_only(stage: Stage) -> CheckFinding:
    return stage.apart("home", f"mount -t tmpfs -o ro tmpfs {stage.home}")


@FAULTS.add("home", "the home's disk (a tmpfs) is full", "error", "No space left on device", needs_root=True)
def full(stage: Stage) -> CheckFinding:
    fill = f"dd if=/dev/zero of={stage.home}/fill bs=4k count=32 2>/dev/null || true"
    return stage.apart("home", f"mount -t tmpfs -o size=64k tmpfs {stage.home}", fill)


@FAULTS.add("disk", "the home is on a tmpfs of 20 MB", "warning", "MB are free where", needs_root=True)
def small_disk(stage: Stage) -> CheckFinding:
    return stage.apart("disk", f"mount -t tmpfs -o size=20m tmpfs {stage.home}")


@FAULTS.add("recordings", "the folder of recordings is on a read-only disk", "warning", "Read-only", needs_root=True)
def recordings_read_only(stage: Stage) -> CheckFinding:
    place = stage.folder / "disk"
    place.mkdir()
    mount = f"mount -t tmpfs -o ro tmpfs {place}"
    return stage.apart("recordings", mount, settings=with_table("recorder", folder=str(place / "films")))


@FAULTS.add("recordings", "`[recorder] keep_free_mb` is more than the disk has", "warning", "are kept free")
def no_room(stage: Stage) -> CheckFinding:
    return stage.examine("recordings", settings=with_table("recorder", keep_free_mb=10**9))


@FAULTS.add("settings", "a misspelt key in partyline.toml", "error", "relm")
def misspelt(stage: Stage) -> CheckFinding:
    stage.paths.settings_file.write_text('[psn]\nrelm = "simulator"\n')
    return stage.examine("settings", settings_error=surroundings(stage.paths, offline=True).settings_error)


@FAULTS.add("settings", "partyline.toml with OBS's password has mode 644", "note", "Others may read")
def open_settings(stage: Stage) -> CheckFinding:
    stage.paths.settings_file.write_text("")
    stage.paths.settings_file.chmod(0o644)
    return stage.examine("settings", settings=with_table("obs", password="made-up-word"))


@FAULTS.add(
    "set-aside", "a state file that was not JSON, and so is called party.json.bad now", "note", "party.json.bad"
)
def bad_file(stage: Stage) -> CheckFinding:
    (stage.paths.state / "party.json.bad").write_bytes(b"\0")
    return stage.examine("set-aside")


@FAULTS.add("locked-files", "a state file of another user", "warning", "belongs to another user", needs_root=True)
def foreign_file(stage: Stage) -> CheckFinding:
    file = stage.paths.state / "party.json"
    file.write_text("{}")
    os.chown(file, 12_345, 12_345)
    return stage.examine("locked-files")


@FAULTS.add("locked-files", "the file with the dashboard's keys has mode 644", "warning", "Others may read")
def open_secret(stage: Stage) -> CheckFinding:
    file = stage.paths.secrets / "dashboard.json"
    file.write_text("{}")
    file.chmod(0o644)
    return stage.examine("locked-files")
