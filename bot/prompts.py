"""The prompts of `prompts/`, one YAML file a task, as LangChain templates. No prompt text stands anywhere else."""

from pathlib import Path

import yaml
from langchain_core.prompts import ChatPromptTemplate
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import SettingsError
from bot.yaml_text import load_yaml


class PromptFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str
    variables: list[str]
    system: str
    human: str


def load_prompt(name: str, folder: Path) -> ChatPromptTemplate:
    """Read `<folder>/<name>.yaml`: `load_prompt("answer", settings.prompts_dir)`. Raises SettingsError, naming what does not fit."""
    path = folder / f"{name}.yaml"
    try:
        prompt = PromptFile.model_validate(load_yaml(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise SettingsError(f"The prompt {path} cannot be used: {error}", "Restore it or set RINGWISE_PROMPTS_DIR.") from error
    template = ChatPromptTemplate.from_messages([("system", prompt.system), ("human", prompt.human)])
    missing = sorted(set(prompt.variables) - set(template.input_variables))
    unknown = sorted(set(template.input_variables) - set(prompt.variables))
    if missing or unknown:
        raise SettingsError(
            f"The prompt {path} does not fit its variables: missing {missing or 'none'}, unknown {unknown or 'none'}.",
            "Use exactly the variables that the file lists.",
        )
    return template


def prompt_texts(folder: Path) -> list[str]:
    """The texts of every prompt in a folder; for showing that none of them leaves the bot."""
    prompts = [PromptFile.model_validate(load_yaml(file.read_text(encoding="utf-8"))) for file in sorted(folder.glob("*.yaml"))]
    return [text for prompt in prompts for text in (prompt.system, prompt.human)]
