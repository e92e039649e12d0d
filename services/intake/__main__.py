"""`python -m services.intake web | worker | migrate`"""

import sys

from services.intake.app import SERVICE
from shared.main import main

raise SystemExit(main(SERVICE, sys.argv[1:]))
