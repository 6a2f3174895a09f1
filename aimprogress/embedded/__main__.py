"""`python -m aimprogress.embedded` = `make run`."""

import sys

from aimprogress.embedded.launcher import main

sys.exit(main())
