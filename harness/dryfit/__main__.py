"""``python -m dryfit``."""

import sys

from dryfit.cli import main

sys.exit(main())
