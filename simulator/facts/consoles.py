"""What a console does: who offers, glare, RTP."""

from __future__ import annotations
