"""Which of our paths a request asks for, whatever path prefix a proxy serves us below."""

from starlette.types import Scope


def own_path(scope: Scope) -> str:
    """The path without RINGWISE_ROOT_PATH, which the proxy takes off and uvicorn puts in front again: `/api/v1/answers`."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))
