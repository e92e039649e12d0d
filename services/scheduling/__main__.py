"""`python -m services.scheduling web | worker | migrate`"""

import sys

from services.scheduling.app import SERVICE
from shared.main import main

raise SystemExit(main(SERVICE, sys.argv[1:]))
