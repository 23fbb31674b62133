"""Which sources a set-up wants, and what becomes of those of members who left."""

from __future__ import annotations

from common.messages import ObsSetup
from common.obs.plan import BROWSER, Source, plan
from common.obs.wanted import HIDE_AFTER_S, REMOVE_AFTER_S, Present, member_steps, of_members, sources

BO, CY = Present("2", "Bo"), Present("3", "Cy")


def url(page: str, talker: str) -> str:
    return f"http://127.0.0.1:8770{page}?key=k" + (f"&talker={talker}" if talker else "")


def single(account: str, name: str = "") -> Source:
    return Source(name or f"partyline {account}", BROWSER, {"url": url("/obs-audio", account)}, account)


def test_each_member_has_a_source_with_their_account_in_the_address():
    found = sources(ObsSetup(route="each", overlay=False), url, [BO, CY])
    assert [(source.name, source.key) for source in found] == [("partyline Bo", "2"), ("partyline Cy", "3")]
    assert "talker=2" in found[0].settings["url"]


def test_the_mix_is_one_source_and_the_overlay_another():
    assert [one.key for one in sources(ObsSetup(route="mix"), url, [BO])] == ["mix", "overlay"]
    assert [one.key for one in sources(ObsSetup(route="device", overlay=False), url, [BO])] == []
    [stream] = sources(ObsSetup(route="stream", overlay=False), url, [BO])
    assert (stream.key, stream.kind, stream.settings["input"]) == ("stream", "ffmpeg_source", url("/obs-stream", ""))


def test_a_source_of_an_earlier_version_with_the_online_id_is_the_members_and_gets_the_account():
    old = Source("Bo's voice", BROWSER, {"url": url("/obs-audio", "bo"), "reroute_audio": True})
    assert [one.account_id for one in of_members([old], [BO])] == ["2"]
    [change] = plan("each", sources(ObsSetup(route="each", overlay=False), url, [BO]), [old], ())
    assert (change.do, change.source.name, change.source.key) == ("update", "Bo's voice", "2")


def test_what_the_user_chose_in_the_overlays_address_is_kept():
    there = Source("partyline overlay", BROWSER, {"url": url("/overlay", "") + "&size=2&me=1"})
    [change] = plan("device", sources(ObsSetup(route="device"), url, []), [there], ())
    assert change.do == "keep"
    older = Source("partyline overlay", BROWSER, {"url": "http://127.0.0.1:1/overlay?key=old&size=2&me=1"})
    [change] = plan("device", sources(ObsSetup(route="device"), url, []), [older], ())
    assert change.source.settings["url"] == url("/overlay", "") + "&size=2&me=1"


def test_who_left_is_hidden_after_a_moment_and_removed_after_the_evening():
    left = single("2")
    first = member_steps([left], set(), {}, 1000.0)
    assert (first.hide, first.remove, first.absent_since) == ((), (), {"2": 1000.0})
    later = member_steps([left], set(), first.absent_since, 1000.0 + HIDE_AFTER_S)
    assert later.hide == (left,)
    last = member_steps([left], set(), first.absent_since, 1000.0 + REMOVE_AFTER_S)
    assert (last.hide, last.remove) == ((), (left,))


def test_who_comes_back_is_shown_and_begins_anew():
    back = member_steps([single("2")], {"2"}, {"2": 1000.0}, 5000.0)
    assert back.show == (single("2"),)
    assert back.absent_since == {}


def test_a_clock_that_was_set_back_removes_nobody_early():
    assert member_steps([single("2")], set(), {"2": 9_000_000.0}, 1000.0).absent_since == {"2": 1000.0}


def test_a_page_of_voices_sounds_by_obs_and_is_small():
    [mix] = sources(ObsSetup(route="mix", overlay=False), url, [])
    assert mix.settings == {"url": url("/obs-audio", ""), "width": 320, "height": 60, "reroute_audio": True}
    assert sources(ObsSetup(route="device"), url, [])[0].settings == {
        "url": url("/overlay", ""), "width": 420, "height": 720,
    }  # fmt: skip


def test_only_pages_of_one_member_are_those_of_members():
    others = [
        Source("voices", BROWSER, {"url": url("/obs-audio", "")}),
        Source("overlay", BROWSER, {"url": url("/overlay", "2")}),
        Source("camera", BROWSER, {"url": "https://example.com"}),
        Source("stream", "ffmpeg_source", {"input": url("/obs-stream", "2")}),
    ]
    assert of_members(others, [BO]) == []
    assert [one.account_id for one in of_members([single("77")], [BO])] == ["77"]


def test_each_member_is_looked_at_whoever_is_here():
    found = member_steps([single("2"), single("3"), single("4")], {"2"}, {"3": 0.0, "4": 0.0}, HIDE_AFTER_S)
    assert (found.show, found.hide) == ((single("2"),), (single("3"), single("4")))
    late = 1_800_000_000.0  # Unix seconds are far above what is waited for
    assert member_steps([single("2")], set(), {"2": late}, late + HIDE_AFTER_S).remove == ()


def test_the_times_are_those_that_the_notes_tell():
    def at(seconds: float) -> tuple[int, int]:
        found = member_steps([single("2")], set(), {"2": 0.0}, seconds)
        return len(found.hide), len(found.remove)

    twelve_hours = 12 * 60 * 60
    assert [at(now) for now in (2.9, 3, twelve_hours - 1, twelve_hours)] == [(0, 0), (1, 0), (1, 0), (0, 1)]
