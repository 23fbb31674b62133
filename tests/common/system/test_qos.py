"""The Mac's call, made through ctypes into a library of C that stands in for libSystem."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.system import qos
from tests.support import mac
from workers.audio.planes.talker_subscriber import TalkerSubscriber
from workers.audio.sinks.pacer import Pacer


@pytest.mark.skipif(not mac.can_build(), reason="needs Linux and a C compiler")
def test_a_thread_gets_the_highest_class(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ctypes.CDLL(str(mac.library()))
    monkeypatch.setattr(qos, "_library", lambda: library)
    assert qos.set_time_critical()
    told = [ctypes.c_int.in_dll(library, name).value for name in ("qos_class", "qos_priority")]
    assert told == [0x21, 0]  # QOS_CLASS_USER_INTERACTIVE


def test_a_system_that_refuses_or_lacks_the_call_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusal:
        def __init__(self) -> None:
            self.argtypes = self.restype = None

        def __call__(self, *_: int) -> int:
            return 1  # EPERM

    refusing = SimpleNamespace(pthread_set_qos_class_self_np=Refusal())
    monkeypatch.setattr(qos, "_library", lambda: refusing)
    assert not qos.set_time_critical()
    monkeypatch.setattr(qos, "_library", object)
    assert not qos.set_time_critical()


def test_the_threads_that_keep_time_ask_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: set[str] = set()
    monkeypatch.setattr(qos, "set_time_critical", lambda: asked.add(threading.current_thread().name))
    pacer, receiver = Pacer(lambda _due_ns: None), TalkerSubscriber(tmp_path, deque[object]().append)
    pacer.start(0)
    receiver.start()
    pacer.stop()
    receiver.stop()
    assert asked == {"pacer", "receive"}


@pytest.mark.skipif(sys.platform != "linux", reason="on Linux each thread has a nice value of its own")
def test_an_unhurried_thread_waits_for_the_others_of_its_process() -> None:
    found: list[int] = []

    def run() -> None:
        assert qos.set_unhurried()
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [10]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


@pytest.mark.skipif(sys.platform == "darwin", reason="there it is possible")
def test_elsewhere_nothing_is_asked() -> None:
    assert not qos.set_time_critical()


@pytest.mark.skipif(sys.platform != "darwin", reason="needs a Mac")
def test_a_mac_grants_it() -> None:
    assert qos.set_time_critical()
