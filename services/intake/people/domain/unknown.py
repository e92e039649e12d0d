"""Why a command is not carried out, beside the rules of the domain."""


class ReferralUnknown(Exception):
    """There is no such referral, or not for the one who asks."""


class ClientUnknown(Exception):
    """There is no such client, or not for the one who asks."""


class ChangedMeanwhile(Exception):
    """Somebody changed it since it was read; read it again and decide anew."""


def check_version(was: int, expected: int | None) -> None:
    """Compare with the version that was read before; None asks for no check. Raises ChangedMeanwhile."""
    if expected is not None and was != expected:
        raise ChangedMeanwhile(f"this is version {was} by now, not {expected}")
