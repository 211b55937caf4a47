"""``python -m dryfit.cli``."""

import sys

from dryfit.cli import main

sys.exit(main())
