"""The Mac's side of devices, with a CoreAudio made up after AudioHardware.h: it cannot be run here."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import mac
from workers.audio.system import coreaudio, os_audio
from workers.audio.system.sound_system import ask_system


def code(number: int) -> str:
    return number.to_bytes(4, "big").decode()


class CoreAudio:
    """`kAudioObjectSystemObject` with its properties, each some AudioObjectIDs; one that is not there is an error."""

    def __init__(self, **properties: tuple[int, ...]) -> None:
        self.properties = properties
        self.asked: list[int] = []
        self.set: list[tuple[str, int, Any]] = []

    def _of(self, number: Any, address: Any) -> tuple[int, ...] | None:
        self.asked.append(number.value)
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
    first = ask_system(0)
    assert first.default == "81"
    assert ask_system(0).fingerprint == first.fingerprint
    audio.properties["dev"] = (74, 81, 90, 102)
    second = ask_system(0)
    audio.properties["dOut"] = (102,)
    third = ask_system(0)
    assert len({first.fingerprint, second.fingerprint, third.fingerprint}) == 3
    assert third.default == "102"
    assert set(audio.asked) == {1}  # kAudioObjectSystemObject


@pytest.mark.parametrize("default", [{}, {"dOut": (0,)}])
def test_without_a_default_output_or_coreaudiod_there_is_nothing_to_follow(
    audio: CoreAudio, default: dict[str, tuple[int, ...]]
) -> None:
    audio.properties = default
    assert ask_system(0).default == ""


def test_coreaudio_is_told_to_notice_changes_without_a_run_loop(audio: CoreAudio) -> None:
    coreaudio.notify_in_own_thread(audio)
    assert audio.set == [("rnlp", ctypes.sizeof(ctypes.c_void_p), None)]


def test_a_device_that_went_away_or_is_dead_is_lost_and_one_of_which_nothing_is_said_is_not(audio: CoreAudio) -> None:
    audio.properties["livn"] = (1,)
    assert [ask_system(number).lost for number in (0, 81, 102)] == [0, 0, 102]
    audio.properties["livn"] = (0,)
    assert ask_system(81).lost == 81
    del audio.properties["livn"]
    assert ask_system(81).lost == 0
    audio.properties = {}  # coreaudiod starts again
    assert ask_system(81).lost == 0


@pytest.fixture
def native(monkeypatch: pytest.MonkeyPatch) -> Iterator[ctypes.CDLL]:
    """CoreAudio as a library of C, so that ctypes does what it does on a Mac."""
    if not mac.can_build():
        pytest.skip("needs Linux and a C compiler")
    library = ctypes.CDLL(str(mac.library()))
    monkeypatch.setattr(coreaudio, "_library", lambda: library)
    monkeypatch.setattr(os_audio, "IS_MAC", True)
    yield library
    for name, value in (("device_count", 3), ("dead", 0), ("grows", 0)):
        ctypes.c_uint32.in_dll(library, name).value = value


def test_a_list_that_grows_while_it_is_read_is_read_again(native: ctypes.CDLL) -> None:
    ctypes.c_int.in_dll(native, "grows").value = 2
    assert coreaudio.devices() == (74, 81, 90, 103, 104)
    assert coreaudio.default_output() == 81


def test_a_dead_device_is_noticed_through_the_library(native: ctypes.CDLL) -> None:
    assert not coreaudio.is_dead(81)
    ctypes.c_uint32.in_dll(native, "dead").value = 81
    assert coreaudio.is_dead(81)
    assert coreaudio.is_dead(4711)
    assert not coreaudio.is_dead(74)
    coreaudio.notify_in_own_thread(native)
    assert ctypes.c_int.in_dll(native, "run_loop_is_null").value == 1
