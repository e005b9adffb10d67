"""Every knob, its default and what it does. Precedence: environment, then `.env`, then the default.

Each default works offline and without a key. The README's table is made from this file by `settings_table`.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError
from bot.schema import Language

ENV_PREFIX = "RINGWISE_"
_PACKAGE = Path(__file__).resolve().parent


def _shipped(folder: str) -> Path:
    """A folder beside the code: inside the package when installed as a wheel, else at the top of the repository."""
    inside = _PACKAGE / folder
    return inside if inside.is_dir() else _PACKAGE.parent / folder


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path(".data"), description="Folder of the built index.")
    seeds_dir: Path = Field(_shipped("seeds"), description="Folder of the knowledge: sources, guides, contacts, evals.")
    prompts_dir: Path = Field(_shipped("prompts"), description="Folder of the prompts, one YAML file a task.")
    embedding_model: str = Field(
        "all-MiniLM-L6-v2",
        description="The bundled English model, or a folder with another sentence-transformers model.",
    )
    embedding_languages: str = Field(
        "en", description="Languages that the embedding model knows, by comma; the others lean on keywords."
    )
    language: Language | None = Field(None, description="Answer language: en or zh; empty means that of the question.")
    region: str = Field("", description="Region whose contacts are offered where the question names none, such as CN.")
    max_question_chars: int = Field(2_000, ge=1, description="Longest question that is taken, in characters.")
    max_message_chars: int = Field(10_000, ge=1, description="Longest message that is checked, in characters.")
    max_source_mb: float = Field(20.0, gt=0, description="Largest source file or download, in megabytes.")
    fetch_timeout_s: float = Field(20.0, gt=0, description="Time limit for fetching one source address, in seconds.")
    fetch_private: bool = Field(False, description="Allow sources on private, loopback or link-local addresses.")
    chroma_url: str = Field("", description="Chroma server with the index of many machines, such as http://host:8000; empty: none.")
    chroma_timeout_s: float = Field(2.0, gt=0, description="Longest wait for the Chroma server in one answer, in seconds.")
    chroma_fallback: bool = Field(False, description="Answer from the copy on this machine while the Chroma server is away.")
    results: int = Field(8, ge=1, le=50, description="Passages given to the generator.")
    chat_model: str = Field("", description="A chat model as provider:model that writes the answers; empty: none, they are quoted.")
    chat_base_url: str = Field("", description="Address of an OpenAI-compatible server for the chat model.")
    chat_timeout_s: float = Field(15.0, gt=0, description="Time limit for a chat model's whole answer, in seconds.")
    chat_retries: int = Field(1, ge=0, le=3, description="How often a chat model that failed is asked again, within its time limit.")
    chat_max_tokens: int = Field(600, ge=50, description="Longest answer of a chat model, in tokens.")
    chat_max_cost_usd: float = Field(0.0, ge=0, description="Most that an answer may cost, in US dollars; 0: no limit.")
    chat_price_in_usd: float = Field(0.0, ge=0, description="Price of a million tokens that the chat model reads, in US dollars.")
    chat_price_out_usd: float = Field(0.0, ge=0, description="Price of a million tokens that the chat model writes, in US dollars.")
    host: str = Field("127.0.0.1", description="Address that the server listens on.")
    port: int = Field(7860, ge=1, le=65535, description="Port that the server listens on.")
    concurrency: int = Field(16, ge=1, description="Answers that the web chat works on at once, and the API as many.")
    cache_answers: int = Field(512, ge=0, description="Answers kept for a minute for whoever asks the same; 0: none.")
    answer_timeout_s: float = Field(20.0, gt=0, description="Longest time that the API works on one answer, in seconds.")
    log_format: Literal["auto", "json", "text"] = Field("auto", description="What a server logs: json (each request), text (warnings).")
    root_path: str = Field("", description="Path below which a proxy serves it, such as /ringwise.")
    max_body_kb: int = Field(64, ge=1, description="Largest body that the API takes, in kilobytes.")
    api_keys: str = Field("", description="Keys, by comma, for programs that call the API from other machines; empty: none may.")
    secret: str = Field("", description="Signs the tickets of pages; the same on every server. Empty: drawn at each start.")
    limits_enabled: bool = Field(True, description="Count calls of the API and turn away whoever calls too often.")
    limits_url: str = Field("", description="Where calls are counted, such as redis://host:6379; empty: in memory.")
    limit_per_address: str = Field("1200/minute", description="Calls from one address; a whole school may share it.")
    trusted_proxies: str = Field("127.0.0.1", description="Proxies, by comma, that may tell the address of a caller.")

    @field_validator("language", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("root_path")
    @classmethod
    def _starts_with_a_slash_and_ends_without(cls, value: str) -> str:
        path = value.strip("/")
        return f"/{path}" if path else ""

    @property
    def known_languages(self) -> list[str]:
        """The languages that the embedding model knows."""
        return [part.strip() for part in self.embedding_languages.split(",") if part.strip()]


def load_settings(**overrides: object) -> Settings:
    """Read the settings; a value that cannot be used is named with its variable."""
    try:
        return Settings(**{key: value for key, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"{ENV_PREFIX}{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in error.errors()]
        raise SettingsError("A setting cannot be used. " + "; ".join(lines), "Correct it in the environment or in .env.") from error


def settings_table() -> str:
    """Return the README's table of settings, in Markdown."""
    rows = ["| Setting | Default | What it does |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = f"`{field.default.name}/`" if isinstance(field.default, Path) else f"`{field.default}`"
        empty = field.default in (None, "")
        rows.append(f"| `{ENV_PREFIX}{name.upper()}` | {'(empty)' if empty else default} | {field.description} |")
    return "\n".join(rows)
