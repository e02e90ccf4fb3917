"""Draw the pictures of the documentation from the account that stands beside them.

``tilth account demo --level approved --until 2025-12-31 --json > docs/_static/account.json`` and
then this program; a test holds the pictures to what Tilth draws today.
"""

import json
from pathlib import Path

from tilth.documents.account_svg import account_svg

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "_static"
WIDTHS = {"account.svg": 960, "account-phone.svg": 380}


def pictures() -> dict[str, str]:
    """Pictures by file name."""
    account = json.loads((FOLDER / "account.json").read_text(encoding="utf-8"))
    return {name: account_svg(account, width=width) for name, width in WIDTHS.items()}


if __name__ == "__main__":
    for name, picture in pictures().items():
        (FOLDER / name).write_text(picture, encoding="utf-8")
