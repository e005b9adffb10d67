"""Is each sentence supported by what it cites? The last gate before a visitor sees it."""

from bot.groundedness.guard import Finding, Guard, is_supported, load_guard

__all__ = ["Finding", "Guard", "is_supported", "load_guard"]
