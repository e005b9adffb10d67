"""Open the generator that the settings name: the extractive one, or a chat model through LangChain's `init_chat_model`.

What a chat model needs is imported only where one is named.
"""

import os
from typing import Any

from bot.errors import SettingsError
from bot.generation.base import Generator
from bot.generation.extractive import ExtractiveGenerator
from bot.generation.places import NO_PLACES, Places
from bot.groundedness import Guard
from bot.settings import Settings
from bot.store import Index

_EXTRAS = ("openai", "anthropic", "ollama")
# A server of one's own mostly asks for no key, but its client does not start without one.
_NO_KEY = "none"


def load_generator(settings: Settings, index: Index, guard: Guard, places: Places = NO_PLACES) -> Generator:
    """The generator of these settings. Raises SettingsError, which never holds a key."""
    extractive = ExtractiveGenerator(index, places)
    if not settings.chat_model:
        return extractive
    from langchain.chat_models import init_chat_model

    from bot.generation.budget import read_budget
    from bot.generation.chat_model import ChatModelGenerator
    from bot.prompts import load_prompt

    budget = read_budget(settings)
    provider = settings.chat_model.partition(":")[0]
    try:
        model = init_chat_model(settings.chat_model, **_options(settings, provider))
    except Exception as error:  # its message may hold what it was given, and so the key
        raise SettingsError(
            f"RINGWISE_CHAT_MODEL={settings.chat_model} cannot be used ({type(error).__name__}).", _hint(provider, error)
        ) from None
    prompt = load_prompt("answer", settings.prompts_dir)
    return ChatModelGenerator(model, prompt, guard, extractive, settings.chat_model, budget)


def _options(settings: Settings, provider: str) -> dict[str, Any]:
    """The limits in the words of the provider; retries are ours, because only we know whether a sentence has been shown."""
    options: dict[str, Any] = {"temperature": 0}
    if provider == "ollama":
        options |= {"num_predict": settings.chat_max_tokens, "client_kwargs": {"timeout": settings.chat_timeout_s}}
    else:
        options |= {"max_tokens": settings.chat_max_tokens, "timeout": settings.chat_timeout_s, "max_retries": 0}
    if settings.chat_base_url:
        options["base_url"] = settings.chat_base_url
        if provider == "openai" and not os.environ.get("OPENAI_API_KEY"):
            options["api_key"] = _NO_KEY
    return options


def _hint(provider: str, error: Exception) -> str:
    if provider not in _EXTRAS:
        return f"Write provider:model, such as openai:gpt-4o-mini; the providers are {', '.join(_EXTRAS)}."
    if isinstance(error, ImportError):
        return f"Run `pip install 'ringwise[{provider}]'`."
    return f"Is the provider's key set, such as {provider.upper()}_API_KEY?"
