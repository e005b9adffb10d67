"""The web API: the same answers as everywhere, one shape for every error, and nobody served who may not be."""

import json
import logging
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import small_corpus
from fastapi.testclient import TestClient

from bot.assistant import Assistant
from bot.schema import AnswerEvent, PassagesFound
from bot.settings import Settings, load_settings
from bot.store import open_store
from bot.web.app import create_service

OWN = "http://127.0.0.1:7860"
SCHOOL, OTHER = "https://school.example", "https://elsewhere.example"
SITES = f"""\
- {{key: school, name: A school, origins: ["{SCHOOL}"], language: zh, region: CN, per_ticket: 3/minute}}
- {{key: narrow, name: Another, origins: ["{SCHOOL}"], topics: [fake-police], welcome: {{en: Hello, zh: 你好}}}}
"""
QUESTION = {"en": "What are the warning signs of a fake police call?", "zh": "冒充公安诈骗有哪些危险信号？"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("api")
    small_corpus.write_small_seeds(folder / "seeds")
    (folder / "seeds" / "sites.yaml").write_text(SITES, encoding="utf-8")
    for name in ("signals.yaml", "wording.yaml", "known_names.yaml", "settling.yaml"):
        shutil.copy(load_settings().seeds_dir / name, folder / "seeds" / name)
    settings = small_corpus.small_settings(folder)
    small_corpus.publish(settings)
    return settings


def _client(settings: Settings, address: str = "127.0.0.1", prefix: str = "", **changes: object) -> TestClient:
    settings = settings.model_copy(update=changes)
    store = open_store(settings)
    app = create_service(settings, Assistant(settings, store), store)
    return TestClient(app, base_url=OWN, raise_server_exceptions=False, client=(address, 50_000), root_path=prefix)


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    with _client(settings) as client:
        yield client


@pytest.fixture
def ticket(client: TestClient) -> str:
    return str(client.post("/api/v1/tickets", json={"site": "school"}, headers={"Origin": SCHOOL}).json()["ticket"])


def _code(response: Any) -> tuple[int, str]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "hint"}
    return response.status_code, body["error"]["code"]


def _events(text: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


# --- answers ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_answer_is_the_assistants_own(client: TestClient, settings: Settings, language: str) -> None:
    own = Assistant(settings, open_store(settings)).answer(QUESTION[language])
    response = client.post("/api/v1/answers", json={"question": QUESTION[language]})
    assert response.status_code == 200
    assert response.json() == own.model_dump(mode="json")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_stream_shows_the_passages_then_each_sentence_then_the_same_answer(client: TestClient, language: str) -> None:
    asked = {"question": QUESTION[language]}
    whole = client.post("/api/v1/answers", json=asked).json()
    response = client.post("/api/v1/answers", json=asked, headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = _events(response.text)
    assert [name for name, _ in events] == ["passages", *["sentence"] * len(whole["sentences"]), "answer"]
    assert events[-1][1] == whole
    assert [event["text"] for _, event in events[1:-1]] == [sentence["text"] for sentence in whole["sentences"]]
    assert {c["n"] for _, event in events[1:-1] for c in event["new_citations"]} == {c["n"] for c in whole["citations"]}


def test_the_history_travels_with_the_question(client: TestClient) -> None:
    history = [{"question": QUESTION["en"], "answer": ""}]
    answer = client.post("/api/v1/answers", json={"question": "And how do I check?", "history": history}).json()
    assert answer["citations"][0]["source_id"] == "fake-police"


@pytest.mark.parametrize(
    ("message", "sign"),
    [
        ("I am from the police. Move your savings to a safe account today and tell nobody.", "safe-account"),
        ("我是公安局的，案件保密，请马上把存款转到安全账户。", "safe-account"),
    ],
)
def test_a_message_is_checked_and_its_signs_stand_where_they_say(client: TestClient, message: str, sign: str) -> None:
    response = client.post("/api/v1/checks", json={"message": message})
    verdict = response.json()
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert sign in {signal["id"] for signal in verdict["signals"]}
    assert all(message[signal["start"] : signal["end"]] == signal["text"] for signal in verdict["signals"])
    assert "ringwise_checks_total" in client.get("/metrics").text
    assert message not in client.get("/metrics").text


def test_a_tapped_answer_gives_the_verdict_anew_without_that_question(client: TestClient) -> None:
    message = {"message": "请点击链接领取退款 https://refund-help.top/1", "language": "zh"}
    question = client.post("/api/v1/checks", json=message).json()["questions"][0]
    answers = {question["id"]: question["choices"][0]["id"]}
    again = client.post("/api/v1/checks", json={**message, "answers": answers})
    assert again.status_code == 200
    assert question["id"] not in {row["id"] for row in again.json()["questions"]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"message": "  "}, "empty_message"), ({"message": "长" * 10_001}, "message_too_long"), ({}, "invalid_request"),
        ({"message": "a", "answers": {"no": "x"}}, "unknown_question"), ({"message": "a", "answers": ["x"]}, "invalid_request"),
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_checked_is_refused(client: TestClient, body: object, code: str) -> None:
    assert _code(client.post("/api/v1/checks", json=body)) == (422, code)


def test_a_citation_can_be_opened(client: TestClient) -> None:
    citation = client.post("/api/v1/answers", json={"question": QUESTION["en"]}).json()["citations"][0]
    passage = client.get(f"/api/v1/passages/{citation['passage_id']}").json()
    assert citation["quote"] in passage["sentences"]
    assert (passage["text"], passage["title"]) == (citation["passage"], citation["title"])


def test_contacts_topics_and_words_can_be_read(client: TestClient) -> None:
    topics = client.get("/api/v1/topics", params={"language": "zh"}).json()
    assert {topic["id"] for topic in topics} >= {"fake-police", "order-brushing"}
    assert client.get("/api/v1/locales/zh").json()["language.name"] == "中文"
    assert _code(client.get("/api/v1/contacts", params={"region": "XX"})) == (404, "no_region")


def test_a_thumb_is_counted_and_free_text_refused(client: TestClient) -> None:
    assert client.post("/api/v1/feedback", json={"helpful": False, "reason": "unclear"}).json() == {"counted": True}
    assert 'ringwise_feedback_total{helpful="false",reason="unclear"} 1.0' in client.get("/metrics").text
    assert _code(client.post("/api/v1/feedback", json={"helpful": True, "reason": "my name is Li"})) == (422, "invalid_request")


def test_the_counts_hold_no_word_of_a_question(client: TestClient) -> None:
    client.post("/api/v1/answers", json={"question": "What is xylophone 13800138000?"})
    metrics = client.get("/metrics").text
    assert "ringwise_answers_total" in metrics
    assert "xylophone" not in metrics
    assert "13800138000" not in metrics


# --- what cannot be used ---


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"question": ""}, "empty_question"), ({"question": "x" * 2_001}, "question_too_long"), ({}, "invalid_request"),
        ({"question": 7}, "invalid_request"), ({"question": "a", "more": 1}, "invalid_request"), ([], "invalid_request"),
        ({"question": "a", "language": "fr"}, "invalid_request"), ({"question": "a", "region": "<b>"}, "invalid_request"),
        ({"question": "a", "history": [{"question": "b"}] * 21}, "invalid_request"),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_used_is_refused(client: TestClient, body: object, code: str) -> None:
    assert _code(client.post("/api/v1/answers", json=body)) == (422, code)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 5_000, b'{"question": "\\ud800"}', b"[" * 25 + b"]" * 25])
def test_bytes_that_are_no_question_are_refused(client: TestClient, content: bytes) -> None:
    response = client.post("/api/v1/answers", content=content, headers={"Content-Type": "application/json"})
    assert _code(response)[0] == 422


def test_brackets_inside_a_text_are_not_depth(client: TestClient) -> None:
    assert client.post("/api/v1/answers", json={"question": 'what is "[[[[[[[[[[[[[[[[[[[[[[[[[ a scam'}).status_code == 200


def test_a_body_of_another_type_is_refused(client: TestClient) -> None:
    assert _code(client.post("/api/v1/answers", content=b"question=a", headers={"Content-Type": "text/plain"})) == (415, "wrong_type")


@pytest.mark.parametrize("announced", [True, False])
def test_a_large_body_is_refused_whether_announced_or_not(client: TestClient, announced: bool) -> None:
    text = json.dumps({"question": "a" * 70_000}).encode()
    content = text if announced else iter([text[:40_000], text[40_000:]])
    response = client.post("/api/v1/answers", content=content, headers={"Content-Type": "application/json"})
    assert _code(response) == (413, "body_too_large")


@pytest.mark.parametrize(("path", "code"), [("/api/v1/nothing", "not_found"), ("/api/v1/passages/nothing", "no_passage")])
def test_what_is_not_there_is_said_in_our_shape(client: TestClient, path: str, code: str) -> None:
    assert _code(client.get(path)) == (404, code)


def test_a_wrong_method_is_said_in_our_shape(client: TestClient) -> None:
    assert _code(client.get("/api/v1/answers")) == (405, "http_error")


def test_errors_speak_the_language_of_the_caller(client: TestClient) -> None:
    asked = {"json": {"question": ""}}
    english = client.post("/api/v1/answers", **asked).json()["error"]["message"]
    chinese = client.post("/api/v1/answers", **asked, headers={"Accept-Language": "zh-CN,zh"}).json()["error"]["message"]
    assert english.startswith("The question is empty")
    assert chinese.startswith("问题是空的") or "问题" in chinese


def test_a_missing_index_is_not_ready_and_answers_503(settings: Settings, tmp_path: Any) -> None:
    with _client(settings, data_dir=tmp_path / "empty") as client:
        assert _code(client.get("/readyz")) == (503, "index_missing")
        response = client.post("/api/v1/answers", json={"question": "a"})
        assert _code(response) == (503, "index_missing")
        assert int(response.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200


# --- who may call ---


def test_a_page_of_a_site_gets_a_ticket_and_is_answered_as_the_site_wants(client: TestClient, ticket: str) -> None:
    response = client.post("/api/v1/answers", json={"question": "a"}, headers={"Origin": SCHOOL, "X-Ringwise-Ticket": ticket})
    assert response.status_code == 200
    assert response.json()["language"] == "zh"
    assert response.headers["access-control-allow-origin"] == SCHOOL
    assert "access-control-allow-credentials" not in response.headers


def test_a_stolen_key_or_ticket_is_worth_nothing_on_another_page(client: TestClient, ticket: str) -> None:
    response = client.post("/api/v1/tickets", json={"site": "school"}, headers={"Origin": OTHER})
    assert _code(response) == (403, "origin_refused")
    assert OTHER in response.json()["error"]["hint"], "the webmaster is told what to have added"
    assert "access-control-allow-origin" not in response.headers
    stolen = client.post("/api/v1/answers", json={"question": "a"}, headers={"Origin": OTHER, "X-Ringwise-Ticket": ticket})
    assert _code(stolen) == (403, "origin_refused")


@pytest.mark.parametrize(
    ("headers", "code"),
    [({"Origin": SCHOOL}, "ticket_missing"), ({"Origin": OTHER}, "ticket_missing"), ({"Origin": "null"}, "ticket_missing"),
     ({"Origin": SCHOOL, "X-Ringwise-Ticket": "made.up.ticket"}, "ticket_invalid")],
)  # fmt: skip
def test_a_foreign_page_without_a_ticket_of_ours_is_refused(client: TestClient, headers: dict[str, str], code: str) -> None:
    for call in (client.post("/api/v1/answers", json={"question": "a"}, headers=headers), client.get("/api/v1/topics", headers=headers)):
        assert _code(call) == (403, code)


def test_an_unknown_site_is_refused(client: TestClient) -> None:
    assert _code(client.post("/api/v1/tickets", json={"site": "nobody"}, headers={"Origin": SCHOOL})) == (403, "unknown_site")


def test_our_own_pages_need_no_ticket_but_may_have_one_of_any_site(client: TestClient) -> None:
    assert client.post("/api/v1/answers", json={"question": "a"}, headers={"Origin": OWN}).status_code == 200
    given = client.post("/api/v1/tickets", json={"site": "narrow"}, headers={"Origin": OWN})
    assert given.json()["welcome"] == "Hello"
    headers = {"Origin": OWN, "X-Ringwise-Ticket": given.json()["ticket"]}
    assert [topic["id"] for topic in client.get("/api/v1/topics", headers=headers).json()] == ["fake-police"]


def test_a_call_that_a_proxy_passes_on_from_another_machine_needs_a_key(settings: Settings) -> None:
    with _client(settings, address="203.0.113.7", api_keys="one") as client:
        assert _code(client.post("/api/v1/answers", json={"question": "a"})) == (403, "key_missing")
        assert _code(client.get("/metrics")) == (403, "key_missing")
        assert client.get("/readyz").status_code == 200
        assert client.post("/api/v1/answers", json={"question": "a"}, headers={"X-API-Key": "one"}).status_code == 200


def test_below_a_path_prefix_a_school_is_let_in_as_elsewhere(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """uvicorn puts the prefix in front of the path, and so it is there when we look at it."""
    preflight = {"Origin": SCHOOL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    with _client(settings, prefix="/ringwise") as client, caplog.at_level(logging.INFO, "ringwise.requests"):
        assert client.options("/ringwise/api/v1/answers", headers=preflight).headers["Access-Control-Allow-Origin"] == SCHOOL
        client.get("/ringwise/healthz")
        client.get("/ringwise/api/v1/topics")
        page = client.get("/ringwise/widget/").text
    assert [record.route for record in caplog.records][-3:] == ["/healthz", "/api/v1/topics", "/widget/"]  # type: ignore[attr-defined]
    assert 'src="/' not in page
    assert 'href="/' not in page
    assert f"{OWN}/ringwise/widget/v1/ringwise.js" in page


def test_a_program_on_another_machine_needs_a_key(settings: Settings) -> None:
    with _client(settings, host="0.0.0.0", api_keys="one, two") as client:
        assert _code(client.post("/api/v1/answers", json={"question": "a"})) == (403, "key_missing")
        assert _code(client.get("/metrics")) == (403, "key_missing")
        for key, status in (("two", 200), ("three", 403), ("", 403)):
            assert client.post("/api/v1/answers", json={"question": "a"}, headers={"X-API-Key": key}).status_code == status


def test_a_page_asks_in_advance_and_only_a_sites_page_is_told_yes(client: TestClient) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type, x-ringwise-ticket"}
    assert client.options("/api/v1/answers", headers={**asks, "Origin": SCHOOL}).headers["access-control-allow-origin"] == SCHOOL
    assert "access-control-allow-origin" not in client.options("/api/v1/answers", headers={**asks, "Origin": OTHER}).headers


def test_a_visitor_who_asks_too_often_waits_and_another_does_not(client: TestClient, ticket: str) -> None:
    headers = {"Origin": SCHOOL, "X-Ringwise-Ticket": ticket}
    for _ in range(3):
        assert client.post("/api/v1/answers", json={"question": "a"}, headers=headers).status_code == 200
    refused = client.post("/api/v1/answers", json={"question": "a"}, headers={**headers, "Accept-Language": "zh"})
    assert _code(refused) == (429, "too_many")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Retry-After"] in refused.json()["error"]["message"]
    other = client.post("/api/v1/tickets", json={"site": "school"}, headers={"Origin": SCHOOL}).json()["ticket"]
    assert client.post("/api/v1/answers", json={"question": "a"}, headers={**headers, "X-Ringwise-Ticket": other}).status_code == 200


# --- the document ---


def test_the_document_is_shown_without_any_other_host(client: TestClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "//" not in page.text.replace("</", "")
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"].split("style-src")[0]
    for file in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js"):
        assert client.get(f"/api/docs/{file}").status_code == 200
    assert client.get("/api/openapi.json").json()["info"]["title"] == "Ringwise"


class BrokenAssistant(Assistant):
    """Fails with a message that holds the visitor's words, as a library's error may."""

    def stream(self, question: str, *_: object) -> Iterator[AnswerEvent]:
        yield PassagesFound(passage_ids=())
        raise RuntimeError(question)


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_fault_of_ours_says_nothing_internal_and_logs_no_word_of_the_question(
    settings: Settings, caplog: pytest.LogCaptureFixture, accept: str
) -> None:
    store = open_store(settings)
    app = create_service(settings, BrokenAssistant(settings, store), store)
    with TestClient(app, base_url=OWN, raise_server_exceptions=False, client=("127.0.0.1", 50_000)) as client, caplog.at_level(logging.ERROR):
        broken = client.post("/api/v1/answers", json={"question": "my xylophone"}, headers={"Accept": accept})
    if accept == "application/json":
        assert _code(broken) == (500, "internal")
    else:
        assert [name for name, _ in _events(broken.text)] == ["passages", "error"]
        assert _events(broken.text)[-1][1]["error"]["code"] == "internal"
    assert "RuntimeError" in caplog.text
    assert "xylophone" not in caplog.text
    assert "xylophone" not in broken.text
