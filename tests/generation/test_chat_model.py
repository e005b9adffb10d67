"""A chat model chooses sentences and never words them; whatever it replies, the visitor is answered from the passages."""

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.language_models.fake_chat_models import FakeChatModel

from bot.assistant import Assistant
from bot.errors import SettingsError
from bot.generation.chat_model import ChatModelGenerator, load_generator
from bot.generation.extractive import ExtractiveGenerator
from bot.groundedness import is_supported
from bot.prompts import load_prompt
from bot.settings import Settings
from bot.store import open_store


class ListeningModel(FakeChatModel):
    """Remembers what it was asked, and chooses the first sentence."""

    heard: list[str] = []

    def _call(self, messages, stop=None, run_manager=None, **kwargs) -> str:
        self.heard.append("\n".join(str(message.content) for message in messages))
        return "1"


class BrokenModel(FakeChatModel):
    """A provider that is down."""

    def _call(self, messages, stop=None, run_manager=None, **kwargs) -> str:
        raise TimeoutError


@pytest.fixture
def generator_with(small_settings: Settings):
    index = open_store(small_settings).current()
    prompt = load_prompt("answer", small_settings.prompts_dir)
    return lambda model: ChatModelGenerator(model, prompt, ExtractiveGenerator(index), "test:model")


@pytest.fixture(params=["What are the warning signs of a fake police call?", "冒充公安诈骗有哪些危险信号？"])
def asked(request: pytest.FixtureRequest, small_assistant: Assistant):
    query = small_assistant.understand(request.param)
    return query, small_assistant.search(query)


def test_the_chosen_sentences_come_in_the_order_of_the_choice(generator_with, asked):
    drafts = list(generator_with(FakeListChatModel(responses=["3, 1"])).write(*asked))
    first_passage = asked[1].passages[0].metadata["sentences"]
    assert [draft.text for draft in drafts] == [first_passage[2], first_passage[0]]
    assert all(is_supported(draft) for draft in drafts)
    assert {draft.writer for draft in drafts} == {"test:model"}


@pytest.mark.parametrize("reply", ["none", "", "I would say that the moon is made of cheese.", "9999", "0"])
def test_a_reply_without_a_usable_choice_is_answered_extractively(generator_with, asked, reply):
    drafts = list(generator_with(FakeListChatModel(responses=[reply])).write(*asked))
    assert drafts
    assert {draft.writer for draft in drafts} == {"extractive"}


def test_a_provider_that_is_down_is_answered_extractively(generator_with, asked):
    drafts = list(generator_with(BrokenModel()).write(*asked))
    assert {draft.writer for draft in drafts} == {"extractive"}


def test_personal_data_is_masked_before_it_reaches_the_model(generator_with, small_assistant):
    model = ListeningModel(heard=[])
    query = small_assistant.understand("my name is Li Wei, card 6222021234567890, the police called 我叫王小明")
    list(generator_with(model).write(query, small_assistant.search(query)))
    assert model.heard
    assert not any(secret in model.heard[0] for secret in ("Li Wei", "6222021234567890", "王小明"))


def test_a_model_that_repeats_itself_is_shown_once(generator_with, asked):
    drafts = list(generator_with(FakeListChatModel(responses=["2, 2, 2"])).write(*asked))
    assert len(drafts) == 1


def test_an_unknown_provider_is_named_with_the_way_out(small_settings: Settings):
    settings = small_settings.model_copy(update={"chat_model": "nobody:nothing"})
    with pytest.raises(SettingsError, match="nobody:nothing"):
        load_generator(settings, open_store(small_settings).current())
