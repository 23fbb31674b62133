"""What `partyline obs setup` does to the sources of somebody's OBS, and what it leaves alone."""

from __future__ import annotations

from common.obs.media_source import MEDIA, SETTINGS
from common.obs.plan import BROWSER, Source, matching_devices, ours, plan

BASE = "http://127.0.0.1:8770"
DEVICE = "pulse_output_capture"


def page(name: str, path: str = "/obs-audio?key=k", **more: object) -> Source:
    return Source(name, BROWSER, {"url": BASE + path, **more})


VOICES = page("partyline voices", reroute_audio=True)
CAMERA = Source("Camera", BROWSER, {"url": "https://example.com/obs-audio"})


def done(steps: list) -> list[tuple[str, str]]:
    return [(step.do, step.source.name) for step in steps]


def test_what_is_missing_is_made() -> None:
    assert done(plan("mix", [VOICES], [CAMERA], ())) == [("create", "partyline voices")]


def test_what_is_right_is_kept_with_the_size_that_the_user_gave_it() -> None:
    there = page("partyline voices", reroute_audio=True, width=900)
    assert done(plan("mix", [VOICES], [there], ())) == [("keep", "partyline voices")]


def test_a_source_that_the_user_renamed_is_found_by_its_page_and_keeps_its_name() -> None:
    renamed = page("Friends", "/obs-audio?key=old", reroute_audio=True)
    steps = plan("mix", [VOICES], [renamed], ())
    assert done(steps) == [("update", "Friends")]
    assert steps[0].source.settings == VOICES.settings


def test_an_update_does_not_touch_size() -> None:
    wanted = page("partyline overlay", "/overlay?key=k", width=420)
    [step] = plan("mix", [wanted], [page("partyline overlay", "/overlay?key=old", width=999)], ())
    assert (step.do, set(step.source.settings)) == ("update", {"url"})


def test_a_name_that_belongs_to_something_else_is_left_to_it() -> None:
    foreign = Source("partyline voices", "ffmpeg_source", {})
    second = Source("partyline voices 2", BROWSER, {"url": "https://example.com"})
    assert done(plan("mix", [VOICES], [foreign, second], ())) == [("create", "partyline voices 3")]


def test_voices_come_one_way_only() -> None:
    bo = page("partyline Bo", "/obs-audio?key=k&talker=Bo", reroute_audio=True)
    overlay = page("partyline overlay", "/overlay?key=k")
    assert done(plan("mix", [VOICES, overlay], [bo, overlay], ())) == [
        ("create", "partyline voices"),
        ("keep", "partyline overlay"),
        ("remove", "partyline Bo"),
    ]
    assert ("remove", "partyline voices") in done(plan("each", [bo], [VOICES], ()))
    made = Source("partyline device", DEVICE, {"device_id": "x"})
    assert ("remove", "partyline device") in done(plan("mix", [VOICES], [made], {"partyline device"}))


def test_a_friend_who_is_not_here_today_keeps_their_source() -> None:
    bo = page("partyline Bo", "/obs-audio?key=k&talker=Bo")
    cy = page("partyline Cy", "/obs-audio?key=k&talker=Cy")
    assert done(plan("each", [bo], [bo, cy], ())) == [("keep", "partyline Bo")]


def test_a_device_source_of_the_users_own_is_not_ours() -> None:
    theirs = Source("Desktop Audio", DEVICE, {"device_id": "default"})
    assert done(plan("device", [Source("partyline device", DEVICE, {})], [theirs], ())) == [
        ("create", "partyline device")
    ]
    assert ours([theirs, CAMERA, VOICES], {"something"}) == [VOICES]


def test_a_device_is_chosen_by_part_of_its_name_and_the_exact_name_wins() -> None:
    items = [("Monitor of LVA 2", "lva2.monitor"), ("LVA", "lva.monitor")]
    assert matching_devices(items, "lva") == [items[1]]
    assert matching_devices(items, "LVA 2") == [items[0]]
    assert matching_devices(items, "lva2.monitor") == [items[0]]
    assert matching_devices(items, "monitor") == items
    assert matching_devices(items, "BlackHole") == []


# --- the stream ---------------------------------------------------------------------------------------

STREAM = Source("partyline stream", MEDIA, {**SETTINGS, "input": BASE + "/obs-stream?key=k"})


def test_the_stream_takes_the_place_of_every_other_way_and_the_other_way_round() -> None:
    bo = page("partyline Bo", "/obs-audio?key=k&talker=Bo")
    made = Source("partyline device", DEVICE, {"device_id": "x"})
    assert done(plan("stream", [STREAM], [VOICES, bo, made], {"partyline device"})) == [
        ("create", "partyline stream"),
        ("remove", "partyline voices"),
        ("remove", "partyline Bo"),
        ("remove", "partyline device"),
    ]
    assert ("remove", "partyline stream") in done(plan("mix", [VOICES], [STREAM], ()))


def test_a_stream_of_one_member_beside_that_of_all_would_be_heard_twice() -> None:
    single = Source("Bo", MEDIA, {"input": BASE + "/obs-stream?key=k&talker=Bo"})
    assert done(plan("stream", [STREAM], [single, STREAM], ())) == [("keep", "partyline stream"), ("remove", "Bo")]


def test_a_stream_with_an_old_address_is_updated_and_its_buffer_is_the_users() -> None:
    old = Source("Friends", MEDIA, {**SETTINGS, "buffering_mb": 1, "input": BASE + "/obs-stream?key=old"})
    [step] = plan("stream", [STREAM], [old], ())
    assert (step.do, step.source.name) == ("update", "Friends")
    assert step.source.settings["input"] == STREAM.settings["input"]
    assert "buffering_mb" not in step.source.settings


def test_a_media_source_of_the_users_own_is_not_ours() -> None:
    theirs = [
        Source("Intro", MEDIA, {"local_file": "/home/x/intro.mkv"}),
        Source("Radio", MEDIA, {"input": "https://example.com/obs-stream"}),
    ]
    assert ours([*theirs, STREAM], ()) == [STREAM]
    assert [step.do for step in plan("stream", [STREAM], theirs, ())] == ["create"]


def test_what_a_source_is_for_is_told_by_its_page() -> None:
    stream = Source("s", MEDIA, {"input": BASE + "/obs-stream?key=k"})
    bo = page("Bo", "/obs-audio?key=k&talker=77")
    assert [one.key for one in (VOICES, stream, bo, page("o", "/overlay?key=k"))] == ["mix", "stream", "77", "overlay"]
    assert Source(bo.name, bo.kind, bo.settings, "2").key == "2"
    assert Source("d", DEVICE, {}).key == "device"
    assert page("o", "/overlay?key=k&talker=77").key == "overlay"


def test_which_way_voices_come_is_told_by_the_page_and_the_made_devices() -> None:
    stream = Source("s", MEDIA, {"input": BASE + "/obs-stream?key=k&talker=/overlay"})
    found = [VOICES, page("Bo", "/obs-audio?key=k&talker=/overlay"), stream, page("o", "/overlay?key=k"), CAMERA]
    assert [one.route(()) for one in found] == ["mix", "each", "stream", None, None]
    assert [Source("d", DEVICE, {}).route(made) for made in ((), ("d",))] == [None, "device"]


def test_a_device_source_of_ours_is_kept_and_one_of_another_kind_is_not_taken_for_it() -> None:
    wanted = Source("partyline device", DEVICE, {"device_id": "lva"})
    there = Source("mine", DEVICE, {"device_id": "lva"})
    assert done(plan("device", [wanted], [there], ("mine",))) == [("keep", "mine")]
    other = Source("mine", "coreaudio_input_capture", {"device_id": "lva"})
    assert done(plan("device", [wanted], [other], ("mine",)))[0] == ("create", "partyline device")


def test_of_devices_with_one_name_the_first_is_taken() -> None:
    assert matching_devices([("LVA", "a"), ("lva", "b"), ("lva 2", "c")], "lva") == [("LVA", "a")]
