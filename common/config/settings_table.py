"""What all tables of the settings have in common."""

from __future__ import annotations

from common.log.secret import Guarded


class SettingsTable(Guarded, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all tables. A secret setting has the type `Secret`, which hides its value."""
