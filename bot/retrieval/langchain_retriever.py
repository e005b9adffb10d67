"""The hybrid retriever as LangChain knows one, for chains of one's own.

Apart from `hybrid.py`, because importing LangChain's retrievers takes a third of the time in which `ringwise ask` has answered.
"""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from bot.retrieval.hybrid import HybridRetriever


class LangChainRetriever(BaseRetriever):
    """`LangChainRetriever(hybrid=retriever).invoke("What is a safe account?")` gives the passages, best first."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    hybrid: HybridRetriever

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        return list(self.hybrid.find(self.hybrid.understanding.understand(query)).passages)
