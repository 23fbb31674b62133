"""The forms that are tried with one member."""

from __future__ import annotations

from common.psn.unknowns import BY_NAME, DEFAULT
from workers.media.peers.member_forms import MemberForms
from workers.media.peers.shared_values import NAMES, SharedValues

OWN = [name for name in DEFAULT if name not in NAMES]
KIND = ("PS5", "1")


def member() -> MemberForms:
    return MemberForms(KIND, dict(DEFAULT))


def test_a_failed_form_is_not_tried_again_until_all_have_failed() -> None:
    forms, shared, seen = member(), SharedValues(None), []
    while (recipe := forms.next_untried("answer", shared)) is not None:
        assert recipe not in seen
        seen.append(recipe)
        forms.record_failure("answer", recipe)
    assert seen[0] == DEFAULT
    assert len(seen) > 4
    assert forms.next("answer", shared) == DEFAULT, "the likeliest"


def test_once_all_failed_every_second_try_is_the_likeliest() -> None:
    forms, shared = member(), SharedValues(None)
    forms.rounds = 1
    tried = []
    for _ in range(6):
        tried.append(forms.next("answer", shared))
        forms.record_failure("answer", tried[-1])
    assert [recipe == DEFAULT for recipe in tried] == [True, True, False, True, False, True]


def test_the_form_of_the_members_own_message_is_tried_first() -> None:
    forms = member()
    value = BY_NAME[OWN[0]].values[-1]
    forms.record_shown({OWN[0]: value, OWN[1]: "no such value", "another": "x"})
    assert forms.first == DEFAULT | {OWN[0]: value}


def test_a_restart_forgets_what_was_tried() -> None:
    forms, shared = member(), SharedValues(None)
    forms.using["offer"] = dict(DEFAULT)
    forms.record_failure("offer", dict(DEFAULT))
    assert forms.words().startswith("trying form 2 of ")
    forms.restart(dict(DEFAULT))
    assert forms.next_untried("offer", shared) == DEFAULT
    assert forms.words() == ""
