"""`python -m services.feedback web | worker | migrate`"""

import sys

from services.feedback.app import SERVICE
from shared.main import main

raise SystemExit(main(SERVICE, sys.argv[1:]))
