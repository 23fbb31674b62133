"""What takes longest is begun first: a file of a minute that comes last keeps a run waiting for it alone.

For runs side by side with ``--dist loadfile --no-loadscope-reorder``. xdist itself begins with the files of the most
tests, which are the quickest ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from common.files.paths import CHECKOUT

LONG: dict[str, tuple[str, ...]] = {
    "minutes": (
        "tests/cli/pipeline/test_lifecycle.py",
        "tests/cli/pipeline/test_pipeline.py",
        "tests/cli/pipeline/test_unattended.py",
        "tests/scenarios/test_party_scenarios.py",
        "tests/scenarios/test_server_scenarios.py",
        "tests/workers/signaling/transports/bridge/test_bridged_party.py",
    ),
    "a minute": (
        "tests/cli/machine/doctor/test_faults.py",
        "tests/cli/probe/test_rehearsal.py",
        "tests/e2e/test_a_real_realm.py",
        "tests/workers/audio/heard/test_sound.py",
        "tests/workers/auth/test_worker.py",
        "tests/workers/dashboard/api/test_examples.py",
        "tests/workers/dashboard/pages/test_accessible.py",
        "tests/workers/dashboard/pages/test_pages.py",
        "tests/workers/media/receive/test_path.py",
        "tests/workers/media/test_worker.py",
        "tests/workers/session/automatic/test_follower.py",
        "tests/workers/session/automatic/test_rejoin.py",
        "tests/workers/session/test_commands.py",
        "tests/workers/signaling/test_worker.py",
    ),
    "half a minute": (
        "tests/captures/scrub/test_planted.py",
        "tests/captures/test_live.py",
        "tests/captures/test_recorded_run.py",
        "tests/chromium/test_console.py",
        "tests/common/files/test_state.py",
        "tests/common/psn/http/test_environment.py",
        "tests/common/psn/http/test_trace.py",
        "tests/common/run/test_crash_loop.py",
        "tests/common/run/test_worker.py",
        "tests/common/test_odd_folders.py",
        "tests/disk/test_disk.py",
        "tests/e2e/test_sixteen_members.py",
        "tests/integrations/streamdeck/test_plugin.py",
        "tests/scripts/test_setup.py",
        "tests/structure/test_directions.py",
        "tests/structure/test_page.py",
        "tests/workers/audio/heard/test_hung_coreaudio.py",
        "tests/workers/audio/heard/test_real_voices.py",
        "tests/workers/auth/sign_in/test_account_client.py",
        "tests/workers/dashboard/api/contract/test_events.py",
        "tests/workers/dashboard/api/test_api_page.py",
        "tests/workers/dashboard/avatars/test_on_the_pages.py",
        "tests/workers/dashboard/listen/test_sound_sockets.py",
        "tests/workers/dashboard/pages/overlay/test_setup_page.py",
        "tests/workers/dashboard/pages/test_faders.py",
        "tests/workers/dashboard/pages/test_overlay.py",
        "tests/workers/dashboard/pages/test_party_card.py",
        "tests/workers/dashboard/pages/test_start.py",
        "tests/workers/dashboard/test_life.py",
        "tests/workers/media/guard/test_chromium.py",
        "tests/workers/media/negotiate/test_glare.py",
        "tests/workers/obs/test_worker.py",
        "tests/workers/recorder/record/test_hour.py",
        "tests/workers/recorder/test_worker.py",
        "tests/workers/session/test_worker.py",
        "tests/workers/signaling/transports/test_miranda_moods.py",
        "tests/workers/signaling/transports/test_relay_transport.py",
    ),
}
"""About how long a file takes, by itself. A run names at its end what is missing here (`tests.support.suite.costs`)."""
_PLACE = {CHECKOUT / file: place for place, files in enumerate(LONG.values()) for file in files}


def is_known(file: Path) -> bool:
    return file in _PLACE


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests in the order of their files' length, and otherwise as they were."""
    return sorted(items, key=lambda item: _PLACE.get(item.path, len(LONG)))
