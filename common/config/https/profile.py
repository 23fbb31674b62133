"""The configuration profile that brings the root certificate to an iPhone or iPad. No I/O. Not run on a device yet.

Keys are those of Apple's "Device Management" reference, payload com.apple.security.root. iOS installs it in Settings,
and trusts it after a second step: General, About, Certificate Trust Settings.
"""

from __future__ import annotations

import plistlib
import uuid

from common.config.https.authority import der, fingerprint, title

TYPE = "application/x-apple-aspen-config"


def profile(root: str) -> bytes:
    """Return the profile for a root certificate in PEM. The same root gives the same profile, which replaces itself."""
    known = uuid.uuid5(uuid.NAMESPACE_OID, fingerprint(root))
    called = title(root)
    certificate = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"partyline.{known}.root",
        "PayloadUUID": str(uuid.uuid5(known, "root")).upper(),
        "PayloadDisplayName": called,
        "PayloadCertificateFileName": "partyline.crt",
        "PayloadContent": der(root),
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"partyline.{known}",
            "PayloadUUID": str(known).upper(),
            "PayloadDisplayName": called,
            "PayloadDescription": f"Trusts the pages of {called}. SHA-256 {fingerprint(root)}",
            "PayloadRemovalDisallowed": False,
            "PayloadContent": [certificate],
        }
    )
