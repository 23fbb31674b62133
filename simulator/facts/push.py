"""The push channel."""

from __future__ import annotations
