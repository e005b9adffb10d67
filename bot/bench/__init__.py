"""`ringwise bench`: how fast and how light, beside the plain way, in the same run.

Every figure is taken in a process of its own, as a user would start it: `ours.py` drives Ringwise, `plain.py` is LangChain's tutorial chain
(and a program of its own), `load.py` asks over HTTP, `scale.py` grows made-up knowledge, `figures.py` says what the numbers mean.
"""
