"""What every suite of `ringwise eval` gives back: figures by group, and what came of each case, so that a person can judge both."""

from pydantic import BaseModel, ConfigDict

from bot.schema import Answer


class Figure(BaseModel):
    """One measured value of a group of cases, such as `en test`; `floor` is the least that continuous integration accepts.

    `value` is a share from 0 to 1 unless its name says otherwise. Where less is better, `ceiling` is the most that is accepted.
    """

    model_config = ConfigDict(frozen=True)

    group: str
    name: str
    value: float
    cases: int
    floor: float | None = None
    ceiling: float | None = None

    @property
    def holds(self) -> bool:
        return (self.floor is None or self.value >= self.floor) and (self.ceiling is None or self.value <= self.ceiling)


class Outcome(BaseModel):
    """What came of one case, and what was expected of it."""

    model_config = ConfigDict(frozen=True)

    id: str
    group: str
    asked: str
    expected: str
    got: str
    right: bool
    answer: Answer | None = None
    scores: dict[str, float] = {}


class SuiteReport(BaseModel):
    """The result of one suite."""

    suite: str
    figures: list[Figure]
    outcomes: list[Outcome]

    @property
    def missed(self) -> list[Figure]:
        """The figures below their floor or above their ceiling."""
        return [figure for figure in self.figures if not figure.holds]
