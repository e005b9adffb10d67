"""A chat model chooses and orders the sentences of an answer; it never words one.

So its answers pass the same check as the extractive ones, whatever the model. Without a usable choice (provider down, slow, refusing,
answering nonsense) the extractive generator answers.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.prompts import ChatPromptTemplate

from bot.errors import SettingsError
from bot.generation.base import Draft, Generator
from bot.generation.extractive import ExtractiveGenerator
from bot.privacy import mask_personal_data
from bot.prompts import load_prompt
from bot.retrieval.hybrid import Found
from bot.settings import Settings
from bot.store import Index
from bot.understanding import Query

_MOST_SENTENCES = 8
_EXTRA = {"openai": "openai", "anthropic": "anthropic", "ollama": "ollama"}

log = logging.getLogger(__name__)


class ChatModelGenerator:
    """Asks the model for the numbers of the sentences that answer; falls back to another generator."""

    def __init__(self, model: BaseChatModel, prompt: ChatPromptTemplate, fallback: Generator, name: str) -> None:
        self.name = name
        self._chain = prompt | model
        self._fallback = fallback

    def write(self, query: Query, found: Found) -> Iterator[Draft]:
        candidates = list(_candidates(found, self.name))
        chosen = self._chosen(query, candidates)
        yield from chosen or self._fallback.write(query, found)

    def has_more(self, query: Query, found: Found, shown: Iterable[str]) -> bool:
        return self._fallback.has_more(query, found, shown)

    def _chosen(self, query: Query, candidates: list[Draft]) -> list[Draft]:
        listed = "\n".join(f"{number}. {draft.text}" for number, draft in enumerate(candidates, start=1))
        question = mask_personal_data(query.standalone)
        try:
            reply = self._chain.invoke({"question": question, "sentences": listed})
        except Exception as error:  # every provider has errors of its own; whichever it is, the visitor is answered
            log.warning("The chat model did not answer (%s); answering extractively.", type(error).__name__)
            return []
        numbers = dict.fromkeys(int(number) for number in re.findall(r"\d{1,4}", reply.text))
        known = [candidates[number - 1] for number in numbers if 1 <= number <= len(candidates)]
        return known[:_MOST_SENTENCES]


def _candidates(found: Found, writer: str) -> Iterator[Draft]:
    passages = {str(passage.id): passage for passage in (*found.passages, *found.fact_passages)}
    for passage in passages.values():
        for place, text in enumerate(passage.metadata["sentences"]):
            yield Draft(text, passage, place, writer)


def load_generator(settings: Settings, index: Index) -> Generator:
    """The generator named by the settings: extractive, or `provider:model` through LangChain's `init_chat_model`."""
    extractive = ExtractiveGenerator(index)
    if not settings.chat_model:
        return extractive
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {"timeout": settings.chat_timeout_s, "max_retries": 1, "max_tokens": 200, "temperature": 0}
    if settings.chat_base_url:
        options["base_url"] = settings.chat_base_url
    try:
        model = init_chat_model(settings.chat_model, **options)
    except (ImportError, ValueError) as error:
        provider = settings.chat_model.split(":")[0]
        hint = f"Run `pip install 'ringwise[{_EXTRA[provider]}]'`." if provider in _EXTRA else "Write provider:model."
        raise SettingsError(f"RINGWISE_CHAT_MODEL={settings.chat_model} cannot be used: {error}", hint) from error
    return ChatModelGenerator(model, load_prompt("answer", settings.prompts_dir), extractive, settings.chat_model)
