"""The digest of a file, by which it is known again or found to be another."""

import hashlib
from pathlib import Path


def file_digest(path: Path) -> str:
    """SHA-256 of the content, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
