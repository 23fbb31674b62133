"""What is done in OBS, against the fake one: set-ups, members who come and go, what the user does in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from common.messages import ObsSetup
from common.obs.connection import ObsConnection, ObsError, connect
from common.obs.judge.lowering import COMPRESSOR, FILTER, GAIN
from common.obs.judge.party_view import PartyView, TalkerSound
from common.obs.memory import ObsMemoryFile, renamed
from common.obs.setup import Studio, follow, remove, set_up
from common.obs.status import read_state
from common.obs.wanted import HIDE_AFTER_S, REMOVE_AFTER_S, Present
from tests.cli.obs.fake_obs import FakeObs, fake_obs

BO, CY, DI = Present("2", "Bo"), Present("3", "Cy"), Present("4", "Di")
EACH = ObsSetup(route="each", overlay=False)
NOW = 1_800_000_000.0
NAMES = {"2": "partyline Bo", "3": "partyline Cy", "4": "partyline Di"}


def url(page: str, talker: str) -> str:
    return f"http://127.0.0.1:8770{page}?key=k" + (f"&talker={talker}" if talker else "")


class Hands:
    """The engine's hands on a fake OBS."""

    def __init__(self, obs: FakeObs, there: ObsConnection, file: Path) -> None:
        self.obs = obs
        self.there = there
        self.memory = ObsMemoryFile(file, must=True)

    async def _with(self, view: PartyView, do: Callable[[Studio], Awaitable[object]]) -> object:
        return await do(Studio(self.there, self.memory, url, view))

    async def set_up(self, setup: ObsSetup, *members: Present) -> tuple[list, list]:
        return await self._with(view(*members), lambda studio: set_up(studio, setup))

    async def follow(self, *members: Present, now: float = NOW) -> list[tuple[str, str]]:
        changes = await self._with(view(*members), lambda studio: follow(studio, now))
        return [(change.name, change.done) for change in changes]

    async def leave(self, *here: Present) -> None:
        """Let everybody else leave, and the time pass until they are hidden."""
        await self.follow(*here)
        await self.follow(*here, now=NOW + HIDE_AFTER_S)

    async def state(self, *members: Present, **levels: float):
        return await self._with(view(*members), lambda studio: read_state(studio, levels))


def view(*members: Present) -> PartyView:
    return PartyView(is_known=True, members=members, talkers={one.account_id: TalkerSound() for one in members})


@pytest.fixture
async def hands(tmp_path: Path) -> AsyncIterator[Hands]:
    async with fake_obs() as obs, connect(obs.settings) as there:
        yield Hands(obs, there, tmp_path / "obs.json")


# --- members ------------------------------------------------------------------------------------------


async def test_a_newcomer_gets_a_source_and_who_left_is_hidden_and_shown_again_with_the_users_volume(hands: Hands):
    await hands.set_up(EACH, BO)
    assert hands.obs.shown() == {"partyline Bo"}
    assert await hands.follow(BO, CY) == [("partyline Cy", "created")]
    hands.obs.inputs["partyline Bo"]["volume"] = -6.0
    await hands.leave(CY)
    assert hands.obs.shown() == {"partyline Cy"}
    assert ("partyline Bo", "shown") in await hands.follow(BO, CY)
    assert hands.obs.shown() == {"partyline Bo", "partyline Cy"}
    assert hands.obs.inputs["partyline Bo"]["volume"] == -6.0


async def test_the_next_set_up_removes_who_is_away_and_a_return_brings_back_what_the_user_had_set(hands: Hands):
    await hands.set_up(EACH, BO, CY)
    bo = hands.obs.inputs["partyline Bo"]
    bo.update(volume=-9.0, muted=True, balance=0.2, sync=120)
    hands.obs.filters["partyline Bo", "EQ"] = {
        "filterName": "EQ", "filterKind": "basic_eq_filter", "filterSettings": {"low": 2}, "filterEnabled": False,
    }  # fmt: skip
    await hands.leave(CY)
    done, _ = await hands.set_up(EACH, CY)
    assert ("partyline Bo", "removed") in [(one.name, one.done) for one in done]
    assert set(hands.obs.inputs) == {"partyline Cy"}
    await hands.follow(BO, CY)
    back = hands.obs.inputs["partyline Bo"]
    assert (back["volume"], back["muted"], back["balance"], back["sync"]) == (-9.0, True, 0.2, 120)
    assert hands.obs.filters["partyline Bo", "EQ"]["filterSettings"] == {"low": 2}
    assert hands.obs.filters["partyline Bo", "EQ"]["filterEnabled"] is False
    assert hands.obs.shown() == {"partyline Bo", "partyline Cy"}


async def test_a_source_that_was_left_in_the_evening_is_gone_the_next_day(hands: Hands):
    await hands.set_up(EACH, BO, CY)
    await hands.leave(CY)
    assert await hands.follow(CY, now=NOW + REMOVE_AFTER_S) == [("partyline Bo", "removed")]
    assert set(hands.obs.inputs) == {"partyline Cy"}


async def test_what_the_user_had_hidden_stays_hidden(hands: Hands):
    await hands.set_up(EACH, BO, CY)
    [item] = [item for item in hands.obs.scenes["Scene"] if item["sourceName"] == "partyline Bo"]
    item["sceneItemEnabled"] = False
    await hands.leave(CY)
    await hands.follow(BO, CY)
    assert hands.obs.shown() == {"partyline Cy"}


async def test_a_source_that_the_user_removed_is_not_made_again_before_the_next_set_up(hands: Hands):
    await hands.set_up(EACH, BO, CY)
    hands.obs.drop("partyline Bo")
    assert await hands.follow(BO, CY) == []
    assert [remark.code for remark in (await hands.state(BO, CY)).remarks] == ["dropped"]
    await hands.set_up(EACH, BO, CY)
    assert hands.obs.shown() == {"partyline Bo", "partyline Cy"}


async def test_another_scene_collection_is_left_alone(hands: Hands):
    await hands.set_up(EACH, BO)
    hands.obs.collection = "Podcast"
    assert await hands.follow(BO, CY) == []
    assert [remark.code for remark in (await hands.state(BO)).remarks] == ["other-collection"]


async def test_our_voices_stay_in_step_with_the_picture_and_the_users_sources_are_left_alone(hands: Hands):
    hands.obs.add("Game", "ffmpeg_source")
    await hands.set_up(EACH, BO, CY)
    for name, offset in (("Game", 90), ("partyline Bo", 200), ("partyline Cy", 0)):
        hands.obs.inputs[name]["sync"] = offset

    def offsets() -> list[int]:
        return [hands.obs.inputs[name]["sync"] for name in ("Game", "partyline Bo", "partyline Cy")]

    async def follow_at(delay_ms: int | None) -> None:
        known = replace(view(BO, CY), delay_ms=delay_ms)
        await follow(Studio(hands.there, hands.memory, url, known), NOW)

    await follow_at(90)
    await follow_at(120)
    assert offsets() == [90, 170, 0]
    hands.memory.put(renamed(hands.memory.now, "partyline Bo", "Bo's voice"))
    hands.obs.inputs["Bo's voice"] = hands.obs.inputs.pop("partyline Bo")
    await follow_at(100)
    assert hands.obs.inputs["Bo's voice"]["sync"] == 190
    await follow_at(None)  # another mode
    hands.obs.collection = "Podcast"
    await follow_at(200)
    assert hands.obs.inputs["Bo's voice"]["sync"] == 190


async def test_a_newcomer_is_put_where_all_others_are(hands: Hands):
    await hands.set_up(EACH, BO)
    hands.obs._create_scene_item({"sceneName": "Break", "sourceName": "partyline Bo"})
    hands.obs.scene = "Break"
    await hands.follow(BO, CY)
    assert hands.obs.shown("Scene") == hands.obs.shown("Break") == {"partyline Bo", "partyline Cy"}


async def test_new_keys_of_the_dashboard_reach_the_sources(hands: Hands):
    await hands.set_up(EACH, BO)
    hands.obs.inputs["partyline Bo"]["settings"]["url"] = "http://127.0.0.1:8770/obs-audio?key=old&talker=2"
    assert await hands.follow(BO) == [("partyline Bo", "updated")]
    assert hands.obs.url("partyline Bo") == url("/obs-audio", "2")


async def test_the_users_own_sources_are_never_touched(hands: Hands):
    hands.obs.add("Camera", "color_source")
    hands.obs.add("Site", "browser_source", {"url": "https://example.com/obs-audio?talker=9"})
    before = {name: dict(one) for name, one in hands.obs.inputs.items()}
    await hands.set_up(EACH, BO, CY)
    await hands.leave()
    await hands.set_up(ObsSetup(route="mix"), BO)
    await hands._with(view(), lambda studio: remove(studio.obs, studio.memory))
    assert hands.obs.inputs == before
    assert hands.obs.shown() == {"Camera", "Site"}


async def test_nothing_is_followed_before_a_set_up_and_after_a_removal(hands: Hands):
    assert await hands.follow(BO) == []
    await hands.set_up(EACH, BO)
    await hands._with(view(), lambda studio: remove(studio.obs, studio.memory))
    assert await hands.follow(BO, CY) == []
    assert hands.obs.inputs == {}


async def test_a_set_up_that_obs_cannot_do_changes_nothing(hands: Hands):
    await hands.set_up(EACH, BO)
    hands.obs.kinds.remove("browser_source")
    with pytest.raises(ObsError) as caught:
        await hands.set_up(ObsSetup(route="mix"), BO)
    assert caught.value.code == "obs.no-browser"
    assert hands.memory.now.setup == EACH
    assert hands.obs.shown() == {"partyline Bo"}


# --- tracks -------------------------------------------------------------------------------------------


async def test_members_have_tracks_of_their_own_which_they_keep(hands: Hands):
    tracks = ObsSetup(route="each", overlay=False, tracks=True)
    _, notes = await hands.set_up(tracks, BO, CY)
    assert [hands.obs.tracks(NAMES[who]) for who in "23"] == [{1, 2}, {1, 3}]
    assert [note.code for note in notes] == ["tracks"]
    await hands.leave(CY)
    await hands.set_up(tracks, CY)
    await hands.follow(CY, DI, BO)
    assert [hands.obs.tracks(NAMES[who]) for who in "234"] == [{1, 2}, {1, 3}, {1, 4}]


async def test_the_vod_track_carries_everybody(hands: Hands):
    hands.obs.profile = {("Output", "Mode"): "Simple", ("SimpleOutput", "VodTrackEnabled"): "true"}
    _, notes = await hands.set_up(ObsSetup(route="each", overlay=False, tracks=True), BO, CY)
    assert [hands.obs.tracks(NAMES[who]) for who in "23"] == [{1, 2, 3}, {1, 2, 4}]
    assert "vod-track" in [note.code for note in notes]


async def test_without_the_wish_the_tracks_are_the_users(hands: Hands):
    await hands.set_up(EACH, BO)
    assert hands.obs.tracks("partyline Bo") == {1, 2, 3, 4, 5, 6}


# --- the game -----------------------------------------------------------------------------------------


async def test_the_game_is_lowered_only_if_it_is_named_and_let_go_afterwards(hands: Hands):
    hands.obs.add("Game", "ffmpeg_source")
    await hands.set_up(ObsSetup(route="mix", overlay=False))
    assert hands.obs.filters == {}
    with pytest.raises(ObsError, match="No source was named") as caught:
        await hands.set_up(ObsSetup(route="mix", overlay=False, duck=True))
    assert "Game" in caught.value.remedy
    await hands.set_up(ObsSetup(route="mix", overlay=False, duck=True, duck_source="Game"))
    made = hands.obs.filters["Game", FILTER]
    assert (made["filterKind"], made["filterSettings"]["sidechain_source"]) == (COMPRESSOR, "partyline voices")
    assert (await hands.state()).ducked_by == "sidechain"
    await hands.set_up(ObsSetup(route="mix", overlay=False))
    assert hands.obs.filters == {}


async def test_the_compressor_follows_a_source_that_the_user_renamed(hands: Hands):
    hands.obs.add("Game", "ffmpeg_source")
    await hands.set_up(ObsSetup(route="mix", overlay=False, duck=True, duck_source="Game"))
    hands.obs.inputs["Friends"] = hands.obs.inputs.pop("partyline voices")
    await hands.follow()
    assert hands.obs.filters["Game", FILTER]["filterSettings"]["sidechain_source"] == "Friends"
    hands.obs.filters.clear()
    await hands.follow()
    assert hands.obs.filters == {}


async def test_with_a_source_for_each_the_game_gets_a_gain_filter(hands: Hands):
    hands.obs.add("Game", "ffmpeg_source")
    hands.obs.filters["Game", "Mine"] = {"filterName": "Mine", "filterKind": GAIN, "filterSettings": {"db": 3}}
    await hands.set_up(ObsSetup(route="each", overlay=False, duck=True, duck_source="Game"), BO)
    assert hands.obs.filters["Game", FILTER]["filterKind"] == GAIN
    assert (await hands.state(BO)).ducked_by == "volume"
    await hands._with(view(), lambda studio: remove(studio.obs, studio.memory))
    assert list(hands.obs.filters) == [("Game", "Mine")]


async def test_a_sound_less_or_missing_source_cannot_be_lowered(hands: Hands):
    hands.obs.add("Camera", "color_source")
    for name in ("Camera", "Gone"):
        with pytest.raises(ObsError) as caught:
            await hands.set_up(ObsSetup(route="mix", overlay=False, duck=True, duck_source=name))
        assert caught.value.code == "obs.no-game"


async def test_a_game_that_was_renamed_stays_the_one_that_is_lowered_and_a_lost_filter_is_told(hands: Hands):
    hands.obs.add("Game", "ffmpeg_source")
    await hands.set_up(ObsSetup(route="each", overlay=False, duck=True, duck_source="Game"), BO)
    hands.obs.inputs["Racing"] = hands.obs.inputs.pop("Game")
    hands.obs.filters["Racing", FILTER] = hands.obs.filters.pop(("Game", FILTER))
    hands.memory.put(renamed(hands.memory.now, "Game", "Racing"))
    state = await hands.state(BO)
    assert (state.ducked_by, state.setup.duck_source, state.remarks) == ("volume", "Racing", ())
    hands.obs.filters.clear()
    assert [remark.code for remark in (await hands.state(BO)).remarks] == ["not-lowered"]


# --- the state ----------------------------------------------------------------------------------------


async def test_the_state_tells_levels_tracks_scenes_and_who_is_away(hands: Hands):
    await hands.set_up(ObsSetup(route="each"), BO, CY)
    await hands.leave(CY)
    state = await hands.state(CY, **{"partyline Cy": -18.04})
    by_name = {source.name: source for source in state.sources}
    assert (by_name["partyline Cy"].peak_db, by_name["partyline Cy"].scenes) == (-18.0, ("Scene",))
    assert (by_name["partyline Bo"].present, by_name["partyline Cy"].present) == (False, True)
    assert by_name["partyline overlay"].carries == "overlay"
    assert state.setup == ObsSetup(route="each")
    assert (state.connected, state.has_browser, state.scene, state.scenes) == (True, True, "Scene", ("Scene", "Break"))


async def test_desktop_audio_with_the_same_sound_is_remarked(hands: Hands):
    hands.obs.add("Desktop Audio", "pulse_output_capture", {"device_id": "default"})
    await hands.set_up(ObsSetup(route="mix", overlay=False), BO)
    playing = PartyView(is_known=True, members=(BO,), device="LVA", plays_on_default=True)
    state = await hands._with(playing, lambda studio: read_state(studio, {}))
    assert [remark.code for remark in state.remarks] == ["double-sound"]
    assert state.audio_sources == ("Desktop Audio",)


async def test_an_overlay_that_obs_cannot_show_is_not_tried_again_and_again(hands: Hands):
    hands.obs.kinds.remove("browser_source")
    await hands.set_up(ObsSetup(route="stream", overlay=True))
    assert await hands.follow() == []
    assert set(hands.obs.inputs) == {"partyline stream"}


# --- the stream ---------------------------------------------------------------------------------------


async def test_the_stream_needs_no_browser_source_and_takes_the_place_of_the_page(hands: Hands):
    await hands.set_up(ObsSetup(route="mix"))
    hands.obs.kinds.remove("browser_source")
    done, _ = await hands.set_up(ObsSetup(route="stream"))
    assert [(one.name, one.done) for one in done] == [
        ("partyline stream", "created"),
        ("partyline voices", "removed"),
    ]
    given = hands.obs.inputs["partyline stream"]["settings"]
    assert given["input"] == url("/obs-stream", "")
    assert (given["buffering_mb"], given["restart_on_activate"]) == (0, False)
    state = await hands.state()
    assert [one.carries for one in state.sources if one.name == "partyline stream"] == ["stream"]
    assert await hands.follow() == []
