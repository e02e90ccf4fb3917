"""The faults strike the same workspaces that the tests of the workspace use."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workspace"))
