"""What the tests of ingestion share."""

from pathlib import Path

import pytest
from project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An article in each language, listed and not yet read."""
    project = Project(tmp_path)
    project.write("en.txt", "Never pay a stranger. Hang up at once.\nRing 110 now.\n")
    project.write("zh.txt", "不要给陌生人转账。马上挂断。\n立即拨打110。\n")
    project.write_sources({"path": "en.txt"}, {"path": "zh.txt", "language": "zh", "title": "新闻"})
    return project
