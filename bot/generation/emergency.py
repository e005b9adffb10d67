"""What to do this minute: the steps of the guide for this kind of emergency, for where the person is, and a warning of the next scam.

Never left to a chat model: the steps stand in the guides in the order in which they are to be taken.
"""

from collections.abc import Iterator

from bot.emergencies import Emergency
from bot.generation.base import Draft
from bot.generation.drafts import within_budget, without_repeats
from bot.generation.guide_sections import GuideSections
from bot.generation.places import Places
from bot.store import Index
from bot.understanding import Query

# Whoever has lost money is approached again by others who promise to get it back.
_NEXT_SCAM = ("recovery-scam", "now")


class EmergencySteps:
    """Reads the steps from the guides of an index. `places` knows the regions that a sentence names."""

    def __init__(self, index: Index, places: Places) -> None:
        self._sections = GuideSections(index)
        self._places = places

    def write(self, query: Query, emergency: Emergency) -> Iterator[Draft]:
        """The steps in order; of those for certain places only, the ones for where the person is. Nothing without the guide."""
        steps = [d for d in self._sections.of(emergency.guide, query.language, emergency.sections) if d.text not in query.said]
        if not emergency.anywhere:
            steps = self._places.holding(steps, frozenset({query.region} - {""}))
        warning = self._sections.of(_NEXT_SCAM[0], query.language, _NEXT_SCAM[1:])[:1] if emergency.loss and steps else []
        shown = list(within_budget(without_repeats(steps), reserved=warning))
        yield from without_repeats([*shown, *warning])
