"""The files and pages of the widget: right types, a hash that holds, and a strict policy on every page."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
import small_corpus
from fastapi.testclient import TestClient

from bot.assistant import Assistant
from bot.i18n import load_locale
from bot.schema import LANGUAGES, Language
from bot.store import open_store
from bot.web.app import create_service
from bot.web.widget_pages import integrity, widget_words

SITES = """\
- {key: school, name: A school, origins: ["https://school.example"], language: zh, region: CN}
- {key: closed, name: No page yet, origins: []}
"""
PAGES = ["/widget/", "/widget/privacy", "/widget/frame?site=school"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("widget-pages")
    small_corpus.write_small_seeds(folder / "seeds")
    (folder / "seeds" / "sites.yaml").write_text(SITES, encoding="utf-8")
    settings = small_corpus.small_settings(folder)
    store = open_store(settings)
    with TestClient(create_service(settings, Assistant(settings, store), store)) as client:
        yield client


@pytest.mark.parametrize("name", ["ringwise.js", "look.js", "asking.js", "calls.js", "checking.js", "answer.js", "citations.js", "print.js", "words.js"])
def test_a_file_is_a_script_that_any_page_may_load(client: TestClient, name: str) -> None:
    response = client.get(f"/widget/v1/{name}", headers={"Origin": "https://school.example"})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["access-control-allow-origin"] == "*"
    assert "max-age" in response.headers["cache-control"]
    assert not re.search(r"innerHTML|\beval\(|localStorage|sessionStorage|document\.cookie", response.text)


@pytest.mark.parametrize("name", ["none.js", "..%2Fapp.py", "__init__.py", "没有.js"])
def test_nothing_else_of_the_server_is_a_file(client: TestClient, name: str) -> None:
    assert client.get(f"/widget/v1/{name}").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_strict_policy_and_speaks_its_language(client: TestClient, path: str, language: Language) -> None:
    response = client.get(path, params={**({"site": "school"} if "frame" in path else {}), "language": language})
    policy = response.headers["content-security-policy"]
    assert response.status_code == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f'<html lang="{language}">' in response.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_to_paste_carry_the_hash_of_the_file(client: TestClient, language: Language) -> None:
    manual = unescape(client.get("/widget/", params={"language": language}).text)
    script = client.get("/widget/v1/ringwise.js").content
    assert f'integrity="{integrity(script)}" crossorigin' in manual
    assert f'language="{language}"' in manual
    assert "<iframe" in manual


def test_a_frame_may_stand_on_the_pages_of_its_site_alone(client: TestClient) -> None:
    assert client.get("/widget/frame?site=school").headers["content-security-policy"].endswith("frame-ancestors https://school.example")
    assert client.get("/widget/frame?site=closed").headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert client.get("/widget/frame?site=学校").status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_on_privacy_names_the_rules_and_their_sources(client: TestClient, language: Language) -> None:
    page = client.get("/widget/privacy", params={"language": language}).text
    assert "COPPA" in page
    assert "766" in page
    assert 'href="https://ico.org.uk/' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_the_widget_asks_for_is_sent_with_it(client: TestClient, language: Language) -> None:
    scripts = "".join(client.get(f"/widget/v1/{name}").text for name in ("ringwise.js", "asking.js", "calls.js", "checking.js", "answer.js", "citations.js", "print.js"))
    asked = set(re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', scripts)) | set(re.findall(r'text\("([a-z_.]+)"', scripts))
    keys = {key for key in asked if key in load_locale(language).words or f'text("{key}"' in scripts}
    assert len(keys) > 20
    assert keys <= set(widget_words()[language])
