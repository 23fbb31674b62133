"""Who is on which audio track."""

from __future__ import annotations

from common.obs.judge.audio_tracks import assign, on_tracks, own_tracks, vod_track

FIVE = own_tracks()
PEOPLE = [f"p{number}" for number in range(8)]


def test_five_have_a_track_of_their_own_and_later_ones_share_the_last():
    assert list(assign(PEOPLE, {}, FIVE).values()) == [2, 3, 4, 5, 6, 6, 6, 6]


def test_who_comes_back_has_the_same_track_and_a_newcomer_a_free_one():
    known = assign(["bo", "cy", "di"], {}, FIVE)
    assert assign(["di", "eve"], known, FIVE) == {"bo": 2, "cy": 3, "di": 4, "eve": 5}


def test_a_newcomer_takes_the_track_of_somebody_who_is_away_when_all_are_given():
    known = dict(zip(PEOPLE, FIVE, strict=False))
    found = assign(["p3", "new"], known, FIVE)
    assert found["p3"] == 5
    assert found["new"] == 2
    assert "p0" not in found


def test_nobody_loses_their_track_while_they_are_here():
    known = dict(zip(PEOPLE, FIVE, strict=False))
    found = assign([*PEOPLE[:5], "new"], known, FIVE)
    assert {who: found[who] for who in PEOPLE[:5]} == known
    assert found["new"] == FIVE[-1]


def test_twitchs_vod_track_is_nobodys_own_and_everybody_is_on_it():
    assert own_tracks(vod=2) == (3, 4, 5, 6)
    assert assign(["bo"], {"bo": 2}, own_tracks(vod=2)) == {"bo": 3}
    assert on_tracks(3, vod=2) == {"1": True, "2": True, "3": True, "4": False, "5": False, "6": False}
    assert [track for track, on in on_tracks(4).items() if on] == ["1", "4"]


def test_the_vod_track_is_found_in_both_output_modes():
    on = {"VodTrackEnabled": "true"}
    assert vod_track("Simple", on, {}) == 2
    assert vod_track("Simple", {}, on) == 0
    assert vod_track("Advanced", on, {}) == 0
    assert vod_track("Advanced", {}, {**on, "VodTrackIndex": "4"}) == 4
    assert vod_track("Advanced", {}, on) == 2
    assert vod_track("Advanced", {}, {**on, "VodTrackIndex": "9"}) == 0
    assert vod_track("", {"VodTrackEnabled": "false"}, {}) == 0


def test_without_a_vod_track_members_have_two_to_six_and_one_alone() -> None:
    assert own_tracks() == (2, 3, 4, 5, 6)
    assert [int(track) for track, on in on_tracks(3).items() if on] == [1, 3]
