"""Names and pictures in the answers of userProfile."""

from __future__ import annotations

import pytest

from common.psn.account.profiles import (
    account_path,
    profile_path,
    profiles_path,
    read_account,
    read_names,
    read_pictures,
)  # fmt: skip
from common.psn.errors import BadAnswerError


def test_ids_in_a_path_are_quoted() -> None:
    assert profiles_path(["1", "2/3"]).endswith("?accountIds=1,2%2F3")
    assert profile_path("2/3") == "/api/userProfile/v1/internal/users/2%2F3/profiles"
    assert account_path("a/b").startswith("/userProfile/v1/users/a%2Fb/profile2?fields=accountId,")


def test_the_present_name_wins_over_the_first_one() -> None:
    profile = {"accountId": 7, "onlineId": "old", "currentOnlineId": "new"}
    assert read_account({"profile": profile}) == ("7", "new")
    assert read_account({"profile": {"accountId": 7, "onlineId": "old"}}) == ("7", "old")


@pytest.mark.parametrize("data", [None, {}, {"profile": {"onlineId": "name"}}])
def test_an_answer_without_an_account_is_refused(data: object) -> None:
    with pytest.raises(BadAnswerError, match="no account id"):
        read_account(data)


def test_names_come_by_id_else_by_the_order_that_was_asked_for() -> None:
    data = {"profiles": [{"onlineId": "ann"}, {"accountId": "1", "onlineId": "bo"}, {"onlineId": ""}]}
    assert read_names(data, ["5", "6", "7"]) == {"5": "ann", "1": "bo"}
    assert read_names(data, ["5", "6"]) == {"1": "bo"}  # some are missing: the order says nothing


def test_the_biggest_picture_is_taken_else_any() -> None:
    def pictures(*avatars: object) -> dict[str, str]:
        return read_pictures({"profiles": [{"accountId": "1", "avatars": list(avatars)}]}, ["1"])

    small, big, odd = ({"size": size, "url": f"https://{size}"} for size in ("s", "xl", "huge"))
    assert pictures(small, big, odd) == {"1": "https://xl"}
    assert pictures(odd, small) == {"1": "https://s"}
    assert pictures(odd) == {"1": "https://huge"}
    assert pictures({"size": "xl", "url": ""}, small) == {"1": "https://s"}
    assert pictures({"size": "xl"}, "no dict") == {}
