"""Messages between members: frame, JSON, SDP."""

from __future__ import annotations
