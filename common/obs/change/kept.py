"""What the user had set on a member's source: read before it is removed, and set on the next one."""

from __future__ import annotations

import structlog

from common.obs.connection import ObsConnection, ObsRefusedError
from common.obs.memory import KeptFilter, KeptSource

QUIETEST_DB = -100.0
"""The least that OBS takes as a volume."""

log = structlog.get_logger("obs")


async def read(obs: ObsConnection, name: str) -> KeptSource:
    """Return what is set on a source. Raises `ObsError`."""
    volume = await obs.call("GetInputVolume", inputName=name)
    filters = (await obs.call("GetSourceFilterList", sourceName=name))["filters"]
    return KeptSource(
        volume_db=max(QUIETEST_DB, float(volume["inputVolumeDb"])),
        muted=bool((await obs.call("GetInputMute", inputName=name))["inputMuted"]),
        balance=float((await obs.call("GetInputAudioBalance", inputName=name))["inputAudioBalance"]),
        sync_ms=int((await obs.call("GetInputAudioSyncOffset", inputName=name))["inputAudioSyncOffset"]),
        filters=tuple(
            KeptFilter(
                name=str(one["filterName"]),
                kind=str(one["filterKind"]),
                enabled=bool(one["filterEnabled"]),
                settings=dict(one["filterSettings"]),
            )
            for one in filters
        ),
    )


async def restore(obs: ObsConnection, name: str, what: KeptSource) -> None:
    """Set on a new source what the user had set on the one before. Raises `ObsError`.

    A filter that OBS has no more, e.g. of a plugin that was removed, is left out.
    """
    await obs.call("SetInputVolume", inputName=name, inputVolumeDb=what.volume_db)
    await obs.call("SetInputMute", inputName=name, inputMuted=what.muted)
    await obs.call("SetInputAudioBalance", inputName=name, inputAudioBalance=what.balance)
    await obs.call("SetInputAudioSyncOffset", inputName=name, inputAudioSyncOffset=what.sync_ms)
    for one in what.filters:
        try:
            await _restore_filter(obs, name, one)
        except ObsRefusedError as refusal:
            log.warning("a filter could not be restored", source=name, filter=one.name, error=refusal.message)


async def _restore_filter(obs: ObsConnection, name: str, one: KeptFilter) -> None:
    await obs.call(
        "CreateSourceFilter", sourceName=name, filterName=one.name, filterKind=one.kind, filterSettings=one.settings
    )
    if not one.enabled:
        await obs.call("SetSourceFilterEnabled", sourceName=name, filterName=one.name, filterEnabled=False)
