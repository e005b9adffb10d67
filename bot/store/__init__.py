"""The index: passages and vectors in Chroma, keyword index and query encoder, published under one name.

    .data/
      current                    the name of the index in use, replaced in one step
      lock                       held by the one process that writes
      encoders/<model>/          the query encoder, shared by the indexes of one embedding model
      indexes/<name>/            chroma/ passages.jsonl vectors.npy sentences.npy keyword/ phrases/ classifiers/ manifest.json
                                 seal.json, never changed once published

An index is written beside the old one and published by replacing `current`, because two processes on one embedded Chroma
directory read stale data without any error (chroma issue 3792): a directory has one writer and is finished before it has a reader.
With RINGWISE_CHROMA_URL the same is published on a Chroma server (`server.py`), and the folder is each machine's copy of it.

`folder.py` publishes and opens, `index.py` is what readers ask, `writing.py` writes one, `search.py` finds near vectors, `chroma.py` and
`server.py` speak with Chroma, `manifest.py` is what an index says of itself.
"""

from bot.store.folder import Store, open_store
from bot.store.index import Index
from bot.store.manifest import Manifest
from bot.store.writing import Progress

__all__ = ["Index", "Manifest", "Progress", "Store", "open_store"]
