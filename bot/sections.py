"""The sections that every guide about a scam type has, in their order, by id and by heading in each language."""

from bot.schema import Language

SECTION_HEADINGS: dict[str, dict[Language, str]] = {
    "what": {"en": "What it is", "zh": "这是什么"},
    "how": {"en": "How it works", "zh": "怎么骗"},
    "signs": {"en": "Warning signs", "zh": "危险信号"},
    "now": {"en": "What to do now", "zh": "现在怎么做"},
    "paid": {"en": "If you have already paid or shared something", "zh": "已经付款或泄露信息"},
    "check": {"en": "How to check", "zh": "怎么核实"},
    "figures": {"en": "Figures", "zh": "数据"},
}
_IDS = {heading: key for key, headings in SECTION_HEADINGS.items() for heading in headings.values()}


def section_id(heading: str, anchor: str) -> str:
    """The language-neutral id of a section: its explicit anchor, else the known heading's id, else empty."""
    return anchor or _IDS.get(heading, "")
