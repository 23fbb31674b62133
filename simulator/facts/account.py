"""Signing in and tokens."""

from __future__ import annotations
