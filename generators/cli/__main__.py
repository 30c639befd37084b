"""``python -m generators.cli``: the same as the command ``watchspec``."""

import sys

from generators.cli import main

sys.exit(main())
