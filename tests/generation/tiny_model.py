"""A chat model made on the spot: two layers, and a tokenizer trained on a text. Untaught it writes noise; taught, one answer by heart."""

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

_TEMPLATE = "{% for message in messages %}<s>{{ message['content'] }}{% endfor %}<s>"
_MOST_STEPS = 400
_LEARNT = 0.01


def make_tiny_model(folder: Path, text: str, prompt: Sequence[str] = (), answer: str = "") -> Path:
    """Write a model and its tokenizer into a folder that `transformers serve` can serve; with a prompt, taught to answer it."""
    tokenizer = _tokenizer([text, *prompt, answer])
    torch.manual_seed(0)
    size = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4}
    ends = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=8_192, **size, **ends))
    if answer:
        _teach(model, tokenizer, prompt, answer)
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    return folder


def _tokenizer(texts: Sequence[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=1_000, special_tokens=["<s>", "</s>"], initial_alphabet=letters, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    made.chat_template = _TEMPLATE
    return made


def _teach(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, prompt: Sequence[str], answer: str) -> None:
    asked = tokenizer("".join(f"<s>{message}" for message in prompt) + "<s>", return_tensors="pt").input_ids
    said = tokenizer(f"{answer}</s>", return_tensors="pt").input_ids
    tokens = torch.cat([asked, said], dim=1)
    labels = torch.cat([torch.full_like(asked, -100), said], dim=1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(_MOST_STEPS):
        loss = model(input_ids=tokens, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if loss.item() < _LEARNT:
            return
    raise AssertionError(f"the tiny model has not learnt its answer: loss {loss.item():.3f}")
