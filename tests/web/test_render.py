"""What an answer looks like as HTML: escaped, linked and marked."""

from html.parser import HTMLParser

import pytest

from bot.schema import Answer, Citation, Contact, Reference, Sentence
from bot.web.render import Exchange, header, plain_text, sources, transcript

ATTACK = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"
ALLOWED_TAGS = {
    "a", "article", "blockquote", "br", "button", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "header", "li", "mark", "ol", "p",
    "section", "span", "strong", "ul",
}  # fmt: skip


class Page(HTMLParser):
    """The tags of a piece of HTML, and the text that a reader sees, also by the tag it stands in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.inside: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        self.text += data
        for tag in set(self._open):
            self.inside[tag] = self.inside.get(tag, "") + data

    def all(self, tag, **attributes):
        return [found for name, found in self.tags if name == tag and attributes.items() <= found.items()]


def citation(n=1, **changes):
    facts = {
        "n": n, "passage_id": f"p{n}", "source_id": "fake-police", "title": "Fake police", "section": "Warning signs",
        "quote": "They want secrecy.", "passage": "They ring at night.\nThey want secrecy.\nThey want gold.", "language": "en",
        "publisher": "Ringwise", "url": "https://example.org/a?b=1&c=2", "date": "2024-06-06",
    }  # fmt: skip
    return Citation(**{**facts, **changes})


def answered(*citations, language="en", **changes):
    citations = citations or (citation(),)
    sentences = tuple(Sentence(text=c.quote, citations=(c.n,)) for c in citations)
    facts = {
        "question": "?", "language": language, "intent": "signs", "status": "answered", "text": "They want secrecy. [1]",
        "sentences": sentences, "citations": citations,
    }  # fmt: skip
    answer = Answer(**{**facts, **changes})
    return Exchange(question="What?", language=language, sentences=list(sentences), citations=list(citations), answer=answer)


def test_a_script_in_a_question_is_text():
    page = Page(transcript([Exchange(question=ATTACK, language="en")], "en"))
    assert ATTACK in page.text
    assert {tag for tag, _ in page.tags} <= ALLOWED_TAGS


@pytest.mark.parametrize("field", ["title", "section", "publisher", "date", "quote", "passage"])
def test_a_script_in_any_field_of_a_source_is_text(field):
    exchange = answered(citation(**{field: ATTACK}))
    page = Page(sources([exchange], "zh") + transcript([exchange], "zh"))
    assert ATTACK in page.text
    assert {tag for tag, _ in page.tags} <= ALLOWED_TAGS
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_a_script_in_a_reference_a_follow_up_or_a_contact_is_text():
    reference = Reference(publisher=ATTACK, title=ATTACK, url="https://example.org/", date=ATTACK)
    contact = Contact(region="CN", kind="antifraud", value=ATTACK, label=ATTACK, hours=ATTACK, checked_on=ATTACK, source="s")
    exchange = answered(citation(references=(reference,)), follow_ups=(ATTACK,), contacts=(contact,), notice=ATTACK)
    page = Page(sources([exchange], "en") + transcript([exchange], "en"))
    assert {tag for tag, _ in page.tags} <= ALLOWED_TAGS
    assert page.all("button", **{"data-ask": ATTACK})


def test_an_error_that_repeats_the_question_is_text():
    page = Page(transcript([Exchange(question="?", language="en", error=ATTACK)], "en"))
    assert ATTACK in page.text
    assert {tag for tag, _ in page.tags} <= ALLOWED_TAGS


def test_a_web_address_becomes_a_link_that_tells_the_other_side_nothing():
    (link,) = Page(sources([answered()], "en")).all("a")
    assert link["href"] == "https://example.org/a?b=1&c=2"
    assert link["rel"] == "noopener noreferrer nofollow"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://example.org/", "//example.org", " https://x", ""])
def test_only_http_and_https_become_links(url):
    reference = Reference(publisher="P", title="A title", url=url, date="undated")
    page = Page(sources([answered(citation(url=url, references=(reference,)))], "en"))
    assert page.all("a") == []
    assert "A title" in page.text


def test_an_address_cannot_break_out_of_its_attribute():
    (link,) = Page(sources([answered(citation(url='https://x/" onclick="alert(1)'))], "en")).all("a")
    assert link["href"] == 'https://x/" onclick="alert(1)'
    assert "onclick" not in link


def test_the_quoted_sentence_is_marked_in_its_passage_and_nothing_else_is():
    page = Page(sources([answered()], "en"))
    assert page.inside["mark"] == "They want secrecy."
    assert page.inside["blockquote"] == "They ring at night.They want secrecy.They want gold."


def test_a_chinese_sentence_is_marked_and_its_language_is_told():
    zh = citation(quote="来电的人要你保密。", passage="来电的人要你保密。\n警察不会这样。", language="zh")
    page = Page(sources([answered(zh, language="zh")], "zh"))
    assert page.inside["mark"] == "来电的人要你保密。"
    assert page.all("blockquote", lang="zh")


def test_a_quote_with_signs_that_html_knows_is_marked_all_the_same():
    page = Page(sources([answered(citation(quote="Is 1 < 2 & 3 > 2?", passage="Ask: Is 1 < 2 & 3 > 2? Yes."))], "en"))
    assert page.inside["mark"] == "Is 1 < 2 & 3 > 2?"


def test_every_number_opens_a_card_of_its_own_answer():
    exchanges = [answered(citation(1), citation(2)), answered(citation(1))]
    marks = [mark["data-cite"] for mark in Page(transcript(exchanges, "en")).all("button", **{"class": "rw-cite"})]
    cards = [card["id"] for card in Page(sources(exchanges, "en")).all("article")]
    assert marks == ["0-1", "0-2", "1-1"]
    assert cards == [f"rw-card-{mark}" for mark in marks]


def test_a_card_names_section_publisher_date_and_what_the_sentence_rests_on():
    reference = Reference(publisher="公安部", title="防范诈骗", url="https://www.mps.gov.cn/", date="undated")
    text = Page(sources([answered(citation(references=(reference,)))], "zh")).text
    for words in ("Fake police", "章节", "Warning signs", "发布者", "Ringwise", "日期", "2024-06-06", "公安部", "防范诈骗", "未注明日期"):
        assert words in text


def test_a_source_without_sections_has_no_empty_line_for_one():
    assert "Section" not in Page(sources([answered(citation(section=""))], "en")).text


def test_an_english_source_under_a_chinese_answer_is_marked_as_english():
    exchange = answered(citation(language="en"), language="zh", notice="出处是英文的。")
    page = Page(transcript([exchange], "zh"))
    assert page.all("li", lang="en")
    assert "出处是英文的。" in page.text


@pytest.mark.parametrize(("intent", "tag"), [("how", "ol"), ("emergency", "ol"), ("signs", "ul"), ("figures", "ul")])
def test_what_has_an_order_is_numbered(intent, tag):
    assert Page(transcript([answered(intent=intent)], "en")).all(tag)


def test_an_emergency_says_to_act_and_whom_to_ring_before_the_steps():
    contact = Contact(region="CN", kind="antifraud", value="96110", label="反诈专线", checked_on="2026-11-23", source="s")
    exchange = answered(language="zh", intent="emergency", status="emergency", lead="现在就做。", contacts=(contact,))
    page = Page(transcript([exchange], "zh"))
    places = [page.text.index(words) for words in ("现在就做", "96110", "They want secrecy.")]
    assert places == sorted(places)
    assert page.all("a", href="tel:96110")


def test_follow_ups_are_buttons_in_the_language_of_the_answer():
    page = Page(transcript([answered(language="zh", follow_ups=("怎么核实？",))], "en"))
    assert page.all("button", **{"data-ask": "怎么核实？"})
    assert page.all("div", **{"class": "rw-chips", "lang": "zh"})


@pytest.mark.parametrize(("language", "words"), [("en", "Looking in the sources…"), ("zh", "正在查找出处……")])
def test_a_question_that_is_being_answered_says_so(language, words):
    assert words in transcript([Exchange(question="?", language=language)], language, working=True)


@pytest.mark.parametrize(("language", "words"), [("en", "Stopped."), ("zh", "已停止。")])
def test_a_stopped_answer_keeps_its_sentences_and_says_so(language, words):
    exchange = answered().model_copy(update={"answer": None, "stopped": True})
    page = Page(transcript([exchange], language))
    assert words in page.text
    assert "They want secrecy." in page.text


def test_an_answer_without_sentences_shows_its_text_and_has_nothing_to_copy():
    answer = Answer(question="?", language="zh", intent="off_topic", status="abstained", text="这个我不知道。", follow_ups=("可以问这个",))
    page = Page(transcript([Exchange(question="天气？", language="zh", answer=answer)], "zh"))
    assert "这个我不知道。" in page.text
    assert page.all("button", **{"data-ask": "可以问这个"})
    assert not page.all("button", **{"class": "rw-copy"})


@pytest.mark.parametrize(
    ("language", "words"), [("en", "How can I tell whether a call from the police is real?"), ("zh", "怎么分辨警察打来的电话是真是假？")]
)
def test_an_empty_conversation_offers_examples(language, words):
    assert Page(transcript([], language)).all("button", **{"data-ask": words})


@pytest.mark.parametrize(("language", "words"), [("en", "not the police or your bank"), ("zh", "不是警察，也不是银行")])
def test_the_header_says_what_this_is_not(language, words):
    assert words in Page(header(language)).text


def test_a_screen_reader_is_told_the_answer_or_the_error_and_nothing_before():
    assert plain_text(answered()) == "They want secrecy. [1]"
    assert plain_text(Exchange(question="?", language="zh", error="问题是空的。")) == "问题是空的。"
    assert plain_text(Exchange(question="?", language="en")) == ""


def test_an_exchange_that_does_not_fit_is_refused_without_repeating_it():
    with pytest.raises(ValueError, match="extra") as refused:
        Exchange.model_validate({"question": "?", "language": "en", "mine": "6222 0212 3456"})
    assert "6222" not in str(refused.value)
