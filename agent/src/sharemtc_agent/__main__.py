"""`python -m sharemtc_agent`."""

import sys

from sharemtc_agent.cli import main

sys.exit(main())
