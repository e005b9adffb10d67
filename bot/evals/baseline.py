"""The plain way, for comparison: LangChain's tutorial retrieval over the same files.

RecursiveCharacterTextSplitter 500/50, Chroma with its defaults, similarity search with k = 4, the same embedding model. It has no
idea of a sentence, of abstaining or of a section, so that those figures are those of a system that answers everything.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.embeddings import load_embeddings
from bot.settings import Settings

RESULTS = 4


def build_baseline(settings: Settings) -> Callable[[str], list[str]]:
    """Index the seeds' files and return a search: a question in, source ids out, best first."""
    chroma = open_plainly(settings)
    fill_plainly(chroma, settings)

    def search(question: str) -> list[str]:
        return [found.metadata["source_id"] for found in chroma.similarity_search(question, k=RESULTS)]

    return search


def open_plainly(settings: Settings, folder: Path | None = None) -> Any:
    """LangChain's Chroma, in memory or in a folder."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings
    from langchain_chroma import Chroma

    quiet = ChromaSettings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(folder), quiet) if folder else chromadb.EphemeralClient(quiet)
    return Chroma(client=client, collection_name="baseline", embedding_function=load_embeddings(settings))  # type: ignore[arg-type]


def fill_plainly(chroma: Any, settings: Settings) -> None:
    """Split the seeds' files and add them."""
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    from ingest.sources import list_sources

    files = [(source.source_id, source.file) for source in list_sources(settings.seeds_dir) if source.file]
    documents = [
        Document(page_content=Path(file).read_text(encoding="utf-8"), metadata={"source_id": source_id})
        for source_id, file in files
        if file.suffix in {".md", ".txt"}
    ]
    chunks = RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50).split_documents(documents)
    for start in range(0, len(chunks), 2_000):
        chroma.add_documents(chunks[start : start + 2_000])
