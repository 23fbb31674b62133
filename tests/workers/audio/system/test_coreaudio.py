"""The Mac's side of devices, with a CoreAudio made up after AudioHardware.h: it cannot be run here."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from workers.audio.system import coreaudio, os_audio


def code(number: int) -> str:
    return number.to_bytes(4, "big").decode()


class CoreAudio:
    """`kAudioObjectSystemObject` with its properties, each some AudioObjectIDs; one that is not there is an error."""

    def __init__(self, **properties: tuple[int, ...]) -> None:
        self.properties = properties
        self.set: list[tuple[str, int, Any]] = []

    def _of(self, number: Any, address: Any) -> tuple[int, ...] | None:
        assert number.value == 1
        found = address._obj  # what a byref points to
        assert (code(found.scope), found.element) == ("glob", 0)
        return self.properties.get(code(found.selector).replace("#", ""))

    def AudioObjectGetPropertyDataSize(  # noqa: N802  # as it is called there
        self, number: Any, address: Any, _qualifier_size: Any, _qualifier: Any, size: Any
    ) -> int:
        found = self._of(number, address)
        size._obj.value = 4 * len(found or ())
        return 0 if found is not None else 0x77686F3F

    def AudioObjectGetPropertyData(  # noqa: N802
        self, number: Any, address: Any, _qualifier_size: Any, _qualifier: Any, size: Any, data: Any
    ) -> int:
        found = self._of(number, address) or ()
        assert size._obj.value == 4 * len(found)
        data._obj[:] = found
        return 0

    def AudioObjectSetPropertyData(  # noqa: N802
        self, number: Any, address: Any, _qualifier_size: Any, _qualifier: Any, size: Any, data: Any
    ) -> int:
        assert number.value == 1
        self.set.append((code(address._obj.selector), size.value, data._obj.value))
        return 0


@pytest.fixture
def audio(monkeypatch: pytest.MonkeyPatch) -> CoreAudio:
    made = CoreAudio(dev=(74, 81, 90), dOut=(81,))
    monkeypatch.setattr(coreaudio, "_library", lambda: made)
    monkeypatch.setattr(os_audio, "IS_MAC", True)
    return made


def test_signs_change_when_a_device_comes_or_the_default_moves(audio: CoreAudio) -> None:
    first = os_audio.sound_fingerprint()
    assert os_audio.default_output() == "81"
    assert os_audio.sound_fingerprint() == first
    audio.properties["dev"] = (74, 81, 90, 102)
    second = os_audio.sound_fingerprint()
    audio.properties["dOut"] = (102,)
    assert len({first, second, os_audio.sound_fingerprint()}) == 3
    assert os_audio.default_output() == "102"


@pytest.mark.parametrize("default", [{}, {"dOut": (0,)}])
def test_without_a_default_output_or_coreaudiod_there_is_nothing_to_follow(
    audio: CoreAudio, default: dict[str, tuple[int, ...]]
) -> None:
    audio.properties = default
    assert os_audio.default_output() == ""


def test_coreaudio_is_told_to_notice_changes_without_a_run_loop(audio: CoreAudio) -> None:
    coreaudio.notify_in_own_thread(audio)
    assert audio.set == [("rnlp", ctypes.sizeof(ctypes.c_void_p), None)]
