"""Judgement about who else can reach this machine's pages and bus."""

from __future__ import annotations

from cli.machine.doctor.check import CheckEvidence, CheckVerdict


class Reach(CheckEvidence, frozen=True, kw_only=True):
    listen: str
    is_loopback: bool
    certificate_error: str = ""
    certificate_remedy: str = ""
    paired: tuple[str, ...] = ()
    """The machines that may come in, each with its right."""


def reach(found: Reach) -> CheckVerdict:
    paired = f" Paired: {', '.join(found.paired)}." if found.paired else ""
    if found.is_loopback:
        who = "this machine and to paired ones" if paired else "this machine only"
        return CheckVerdict("ok", f"The pages are open to {who}.{paired}")
    if found.certificate_error:
        return CheckVerdict("error", found.certificate_error, found.certificate_remedy)
    where = "every network of this machine" if found.listen in ("0.0.0.0", "::", "") else found.listen  # noqa: S104
    return CheckVerdict(
        "note",
        f"The pages are open to all devices in {where} that have a key, by https.{paired}",
        "`partyline https off` closes them.",
    )
