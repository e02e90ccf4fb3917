"""Sphinx configuration: MyST pages, reference pages made from the code before each build."""

import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402 - it stands beside this file

project = "Tilth"
author = "The Tilth authors"
version = release = metadata.version("tilth")

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
smartquotes = False  # options and codes are shown as they are typed
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = "Tilth"
html_static_path = ["_static"]
html_css_files = ["tilth.css"]
html_show_copyright = False

generate.write(HERE / "reference" / "generated")
