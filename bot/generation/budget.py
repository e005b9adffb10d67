"""What one answer of a chat model may take: tokens, dollars, seconds and tries. Knows no provider."""

import math
import re
from dataclasses import dataclass

from bot.errors import SettingsError
from bot.settings import Settings
from bot.text import HAN

_HAN = re.compile(f"[{HAN}]")
# Upper bounds rather than means: the tokenizers in use make of an English token about four characters, of a Chinese character about
# one token, and a ceiling that is computed before the call must not be passed.
_CHARACTERS_A_TOKEN = 3.0
_TOKENS_A_HAN_CHARACTER = 1.5
_MILLION = 1_000_000


def estimate_tokens(text: str) -> int:
    """How many tokens a text has at most, without its tokenizer: `estimate_tokens("Hang up.") == 3`, `estimate_tokens("挂断") == 3`."""
    return math.ceil(weigh(text))


def weigh(text: str) -> float:
    """The same before rounding, so that the pieces of a text weigh as much as the whole."""
    han = len(_HAN.findall(text))
    return han * _TOKENS_A_HAN_CHARACTER + (len(text) - han) / _CHARACTERS_A_TOKEN


@dataclass(frozen=True)
class Budget:
    """The ceilings of one answer; prices are in dollars for a million tokens, and a cost of 0 means no limit."""

    timeout_s: float = 15.0
    retries: int = 1
    retry_wait_s: float = 0.5
    max_tokens: int = 600
    max_cost_usd: float = 0.0
    price_in_usd: float = 0.0
    price_out_usd: float = 0.0

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self.price_in_usd + tokens_out * self.price_out_usd) / _MILLION

    def affords(self, tokens_in: int, spent_usd: float = 0.0) -> bool:
        """Whether one more call stays below the ceiling even if the model writes as much as it may."""
        return not self.max_cost_usd or spent_usd + self.cost(tokens_in, self.max_tokens) <= self.max_cost_usd


def read_budget(settings: Settings) -> Budget:
    """The ceilings of the settings. Raises SettingsError for a limit of cost that could never bind, because there is no price."""
    if settings.chat_max_cost_usd and not (settings.chat_price_in_usd or settings.chat_price_out_usd):
        raise SettingsError(
            "RINGWISE_CHAT_MAX_COST_USD limits nothing while both prices are 0.",
            "Set RINGWISE_CHAT_PRICE_IN_USD and RINGWISE_CHAT_PRICE_OUT_USD to the provider's prices for a million tokens.",
        )
    return Budget(
        timeout_s=settings.chat_timeout_s,
        retries=settings.chat_retries,
        max_tokens=settings.chat_max_tokens,
        max_cost_usd=settings.chat_max_cost_usd,
        price_in_usd=settings.chat_price_in_usd,
        price_out_usd=settings.chat_price_out_usd,
    )
