"""Asks this container's own /livez; exits 0 when it answers. Used as the image's HEALTHCHECK."""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    """Ask the inner listener of this process; 1 where it does not say 200 within two seconds."""
    port = int(os.environ.get("RAPPORT_HEALTH_PORT", "9100"))
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
