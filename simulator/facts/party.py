"""sessionManager, custom data, share links, groups."""

from __future__ import annotations
