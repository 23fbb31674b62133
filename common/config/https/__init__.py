"""HTTPS for the pages on other devices: a certificate authority of this home's own, and the server's certificate."""

from __future__ import annotations

CERTIFICATE_PROBLEM = "dashboard.certificate"
"""The code of everything that is wrong with the certificates."""
