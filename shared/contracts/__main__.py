"""`python -m shared.contracts DOCS`: write events.md, events.json and asyncapi/<service>.json into a folder."""

import json
import sys
from pathlib import Path

from shared.contracts.catalogue import all_contracts
from shared.contracts.documents import asyncapi, catalogue, markdown


def write(folder: Path) -> list[Path]:
    """Write all documents; returns their paths."""
    contracts = all_contracts()
    files = {
        folder / "events.md": markdown(contracts),
        folder / "events.json": _text(catalogue(contracts)),
    }
    for service in sorted({contract.service for contract in contracts}):
        files[folder / "asyncapi" / f"{service}.json"] = _text(asyncapi(service, contracts))
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return list(files)


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
