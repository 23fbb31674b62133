from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from common.basic.values import SinkKind
from common.errors import PartylineError
from common.messages import OutputDevice
from workers.audio.play import output
from workers.audio.play.output import Output
from workers.audio.sinks import Render, Sink, SinkError
from workers.audio.sinks.null import NullSink
from workers.audio.system import device_list, os_audio
from workers.audio.system.os_audio import OutputInfo as Device


def trouble(*, stalled: bool = False) -> SinkError:
    return SinkError("audio.no-device", "It is not there.", "Plug it in.", stalled=stalled)


class World:
    """A device that can be there or not, be steady or not, and complain."""

    def __init__(self) -> None:
        self.present = True
        self.steady = True
        self.complaint: SinkError | None = None
        self.playing = 0
        self.opened: list[bool] = []
        self.told: list[tuple[str, str]] = []

    def make(self, *, rescan: bool) -> Sink:
        self.opened.append(rescan)
        return FakeSink(self)

    def tell(self, sink: Sink, error: SinkError | None) -> None:
        self.told.append((sink.kind, error.message if error else ""))


class FakeSink:
    kind: SinkKind = "device"
    problem = "audio.no-device"
    own_clock = True
    target = "fake"
    latency_ms = 1.0

    def __init__(self, world: World) -> None:
        self._world = world
        self._plays = False

    def facts(self) -> dict[str, str]:
        return {}

    def open(self) -> None:
        if not self._world.present:
            raise trouble()

    def park(self) -> None:
        self._world.playing -= self._plays
        self._plays = False

    def is_steady(self) -> bool:
        return self._world.steady

    def play(self, render: Render) -> None:
        self._world.playing += 1
        self._plays = True

    def complaint(self) -> SinkError | None:
        return self._world.complaint

    def close(self) -> None:
        self._world.playing -= self._plays
        self._plays = False


@contextlib.asynccontextmanager
async def running(world: World, answers: Callable[[], Awaitable[bool]] | None = None) -> AsyncIterator[Output]:
    out = Output(world.make, lambda _sink: lambda block, now_ns: block.fill(0), world.tell, answers)
    task = asyncio.create_task(out.run())
    try:
        yield out
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await out.close()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(output, "RETRY_S", 0.01)
    monkeypatch.setattr(output, "CHECK_S", 0.01)
    monkeypatch.setattr(output, "PROOF_S", 0.05)
    return World()


async def until_told(world: World, *expected: tuple[str, str]) -> None:
    async with asyncio.timeout(20):
        while world.told[-len(expected) :] != list(expected):
            await asyncio.sleep(0.005)


PLAYS = ("device", "")
STANDS_IN = ("null", "It is not there.")


async def test_the_wanted_sink_plays(world: World) -> None:
    async with running(world):
        await until_told(world, PLAYS)
        assert world.playing == 1
    assert world.playing == 0
    assert world.opened == [False]


async def test_the_null_sink_stands_in_until_the_device_appears(world: World) -> None:
    world.present = False
    async with running(world) as out:
        await until_told(world, *[STANDS_IN] * (output.ANEW + 1))
        assert isinstance(out.playing, NullSink)
        world.present = True
        await until_told(world, PLAYS)
        assert world.playing == 1
    assert True in world.opened[: output.ANEW + 1]  # devices are looked for again, too


async def test_a_device_that_stays_away_is_looked_for_less_often_until_something_changes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs = ["none"]
    slept: list[float] = []
    monkeypatch.setattr(output, "EAGER_TRIES", 3)
    monkeypatch.setattr(output, "SLOWER", 1000)
    monkeypatch.setattr(os_audio, "sound_fingerprint", lambda: tuple(signs))
    tried = Output(world.make, lambda _: None, world.tell)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3 + 500:
            signs.append("a sound server")

    monkeypatch.setattr(output.asyncio, "sleep", sleep)
    looked = [await tried._wait_to_retry() for _ in range(4)]
    assert len(slept) == 3 + 500
    assert looked[-1]  # for devices, too
    await tried._wait_to_retry()
    assert len(slept) == 3 + 500 + 1


async def test_a_device_that_went_away_is_opened_again_at_once(world: World) -> None:
    async with running(world):
        await until_told(world, PLAYS)
        world.complaint = trouble()
        while len(world.opened) < 2:
            await asyncio.sleep(0)
        world.complaint = None
        await until_told(world, PLAYS, PLAYS)
    assert "null" not in [kind for kind, _ in world.told]


async def test_a_device_that_stalled_plays_on_as_soon_as_it_takes_sound_again(world: World) -> None:
    async with running(world) as out:
        await until_told(world, PLAYS)
        world.steady = False
        world.complaint = trouble(stalled=True)
        await until_told(world, STANDS_IN)
        assert isinstance(out.playing, NullSink)
        opened = len(world.opened)
        world.complaint = None
        world.steady = True
        await until_told(world, STANDS_IN, PLAYS)
    assert len(world.opened) - opened <= 2  # not opened anew for it, unless it took long


async def test_a_device_that_opens_but_stalls_is_opened_anew_and_not_trusted(world: World) -> None:
    async with running(world):
        await until_told(world, PLAYS)
        world.steady = False
        world.complaint = trouble(stalled=True)
        await until_told(world, STANDS_IN, STANDS_IN, STANDS_IN)
        assert len(world.opened) >= 3
        assert world.told.count(PLAYS) == 1
        world.complaint = None
        world.steady = True
        await until_told(world, PLAYS)


async def test_another_device_that_is_asked_for_is_told_and_opened(world: World) -> None:
    async with running(world) as out:
        await until_told(world, PLAYS)
        out.reopen(trouble())
        await until_told(world, PLAYS, ("device", "It is not there."), PLAYS)
        assert world.playing == 1
    assert world.opened == [False, True]


async def test_a_native_call_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "HUNG_S", 0.05)
    never = threading.Event()
    with pytest.raises(output.HungError, match=output.NO_ANSWER):
        await output.native(never.wait)
    never.set()


async def test_after_a_hang_the_null_sink_plays_until_another_process_could_open_the_device(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "ANSWERS_EVERY_S", 0.01)
    monkeypatch.setattr(output, "RETRY_S", 0.01)
    answers = [False, False, True]

    async def asked() -> bool:
        assert [kind for kind, _ in world.told[-1:]] == ["null"]  # the mix is made while it is found out
        return answers.pop(0)

    async with running(world, asked):
        await until_told(world, PLAYS)
    assert not answers
    assert all("does not answer" in message for kind, message in world.told if kind == "null")
    assert world.opened == [True]


DEVICES = [Device(0, "hw:0 HDMI"), Device(3, "pulse"), Device(4, "default"), Device(5, "BlackHole 2ch")]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("blackhole", 5), ("HDMI", 0), ("Pulse", 3), ("default", 4), ("nothing", None)],
)
def test_a_device_is_chosen_by_part_of_its_name(wanted: str, found: int | None) -> None:
    device = os_audio.choose(DEVICES, 4, wanted)
    assert (device.number if device else None) == found


def test_an_exact_name_wins_over_a_longer_one() -> None:
    assert os_audio.choose([Device(0, "USB Audio 2"), Device(1, "USB Audio")], 0, "usb audio") == Device(1, "USB Audio")


@pytest.mark.parametrize(
    "typed",
    [
        "Sam's AirPods",
        "Sam\u2019s AirPods",
        "sam`s airpods",
        "Sam's\u00a0AirPods",
        "  sam's  airpods ",
        "Sam\u02bcs AirPods Pro Zoe\u0301",
    ],
)
@pytest.mark.parametrize("name", ["Sam\u2019s AirPods Pro Zo\u00e9", "Sam's\u00a0AirPods Pro Zoe\u0301"])
def test_a_name_is_found_as_people_type_it(typed: str, name: str) -> None:
    assert os_audio.choose([Device(0, "AirPods"), Device(1, name)], 0, typed) == Device(1, name)


def test_two_devices_of_one_name_are_told_apart_and_the_second_can_be_chosen() -> None:
    there = os_audio.unique_names(
        [Device(3, "USB Audio"), Device(5, "USB\u00a0audio"), Device(6, "USB Audio"), Device(7, "HDMI")]
    )
    assert [device.name for device in there] == ["USB Audio", "USB\u00a0audio (2)", "USB Audio (3)", "HDMI"]
    assert [os_audio.choose(there, 0, device.name) for device in there] == there
    assert (
        len({device.name for device in os_audio.unique_names([Device(0, "A (2)"), Device(1, "A"), Device(2, "A")])})
        == 3
    )


def test_a_device_is_chosen_by_its_number_in_the_list() -> None:
    listed = tuple(OutputDevice(name=name, channels=2) for name in ("HDMI", "USB Audio", "USB Audio (2)", "7"))
    assert device_list.called(listed, "3").name == "USB Audio (2)"
    assert device_list.called(listed, "1").name == "HDMI"
    assert device_list.called(listed, "7").name == "7"
    for wanted in ("9", "0", "nothing", "\u0663"):
        with pytest.raises(PartylineError, match="Looked for"):
            device_list.called(listed, wanted)


def test_without_a_wish_the_sound_server_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os_audio, "_PREFERRED", ("pulse", "pipewire", "default"))
    assert os_audio.choose(DEVICES, 0, "") == Device(3, "pulse")
    assert os_audio.choose([Device(0, "hw:0"), Device(1, "hw:1")], 1, "") == Device(1, "hw:1")
    assert os_audio.choose([Device(0, "hw:0")], -1, "") == Device(0, "hw:0")
    assert os_audio.choose([], -1, "") is None


def test_a_missing_device_is_told_with_what_was_looked_for_and_what_there_is() -> None:
    message, remedy = os_audio.missing(DEVICES[:2], "Speakers")
    assert "'Speakers'" in message
    assert "'hw:0 HDMI', 'pulse'" in message
    assert "[audio] device" in remedy
    message, remedy = os_audio.missing([], "")
    assert "no output device at all" in message
    assert remedy


def test_a_row_lies_on_its_channel_where_the_device_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os_audio, "IS_MAC", False)
    assert os_audio.layout((), 2) == os_audio.Layout(2, ())
    assert os_audio.layout((), 1) == os_audio.Layout(1, ())
    assert os_audio.layout((3, 6), 16) == os_audio.Layout(6, (2, 5))
    assert os_audio.layout((3, 6), 4) == os_audio.Layout(3, (2, 0))


def test_on_a_mac_the_channel_map_leads_each_row_to_its_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os_audio, "IS_MAC", True)
    laid = os_audio.layout((3, 6, 20), 8)
    assert laid == os_audio.Layout(4, (2, 3, 0), (0, 1, 2, -1, -1, 3, -1, -1))
