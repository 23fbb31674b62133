"""What the user had set on a member's source: read before it is removed, and set on the next one."""

from __future__ import annotations

from common.obs.connection import ObsConnection
from common.obs.memory import KeptFilter, KeptSource

QUIETEST_DB = -100.0
"""The least that OBS takes as a volume."""


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
    """Set on a new source what the user had set on the one before. Raises `ObsError`."""
    await obs.call("SetInputVolume", inputName=name, inputVolumeDb=what.volume_db)
    await obs.call("SetInputMute", inputName=name, inputMuted=what.muted)
    await obs.call("SetInputAudioBalance", inputName=name, inputAudioBalance=what.balance)
    await obs.call("SetInputAudioSyncOffset", inputName=name, inputAudioSyncOffset=what.sync_ms)
    for one in what.filters:
        await obs.call(
            "CreateSourceFilter",
            sourceName=name,
            filterName=one.name,
            filterKind=one.kind,
            filterSettings=one.settings,
        )
        if not one.enabled:
            await obs.call("SetSourceFilterEnabled", sourceName=name, filterName=one.name, filterEnabled=False)
