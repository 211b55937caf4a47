"""What a package index shows of the project's address, which is one setting: DRYFIT_ADDRESS.

Unset, as in a clone or a fork, there are no links that would lead to somebody else. The
site takes its repository link from the same setting: docs/site/mkdocs.yml.
"""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# An exclamation mark before pictures, text, and a target in the repository.
LINK = re.compile(r"(!?)(\[(?:[^\[\]]|\[[^\]]*\])*\])\((?!\w+:|#)([^)\s]+)\)")


class CustomMetadataHook(MetadataHookInterface):
    """Fills in the README and the links beside it."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Lead links of the README to files of the repository, of this version."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        if address := os.environ.get("DRYFIT_ADDRESS", "").rstrip("/"):
            version = metadata["version"]

            def absolute(link: re.Match[str]) -> str:
                mark, shown, target = link.groups()
                kind = "raw" if mark else "blob"
                return f"{mark}{shown}({address}/{kind}/v{version}/{target})"

            text = LINK.sub(absolute, text)
            metadata["urls"] = {
                "Repository": address,
                "Documentation": f"{address}/blob/v{version}/docs/five-minutes.md",
                "Changelog": f"{address}/blob/v{version}/CHANGELOG.md",
                "Issues": f"{address}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
