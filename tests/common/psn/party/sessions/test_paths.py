"""The paths of the calls, as they were captured."""

from __future__ import annotations

from common.psn.party.sessions import paths


def test_each_call_of_a_party_has_its_captured_path() -> None:
    base = "/api/sessionManager/v2/partySessions"
    assert base == paths.CREATE_PATH
    assert f"{base}?view=v3" == paths.VIEW_PATH
    assert paths.members_path("s") == f"{base}/s/members"
    assert paths.me_path("s") == f"{base}/s/members/me"
    assert paths.member_path("s", "12") == f"{base}/s/members/12"
    assert paths.custom_message_path("s") == f"{base}/s/customMessage"
    assert paths.invitations_path("s") == f"{base}/s/invitations"


def test_parties_are_listed_by_the_calls_of_the_app() -> None:
    assert paths.INVITED_PATH == "/api/sessionManager/v2/users/me/partySessionsInvitations"
    assert paths.BULK_PATH == "/api/sessionManager/v2/sys/gameBase/parties/bulkGet?limit=11"
