"""The drafts that led to the present one, and those that were taken back: undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from explorer.drafts import Draft

MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class History:
    """Drafts in the order in which they were made, and which of them is looked at.

    Examples
    --------
    >>> from explorer.drafts import NOTHING, STARTER
    >>> found = History((NOTHING,)).after(STARTER).undone
    >>> found.present is NOTHING, found.can_undo, found.redone.present is STARTER
    (True, False, True)
    """

    drafts: tuple[Draft, ...]
    at: int = 0

    @property
    def present(self) -> Draft:
        return self.drafts[self.at]

    def after(self, draft: Draft) -> History:
        """One more; what was taken back is gone, and so is what was longer ago than `MOST_KEPT`. The same: no more."""
        if draft == self.present:
            return self
        kept = (*self.drafts[: self.at + 1], draft)[-MOST_KEPT:]
        return History(kept, len(kept) - 1)

    @property
    def can_undo(self) -> bool:
        return self.at > 0

    @property
    def can_redo(self) -> bool:
        return self.at < len(self.drafts) - 1

    @property
    def undone(self) -> History:
        """One back, as far as there is one."""
        return History(self.drafts, max(self.at - 1, 0))

    @property
    def redone(self) -> History:
        """One forward again, as far as there is one."""
        return History(self.drafts, min(self.at + 1, len(self.drafts) - 1))

    def with_link(self, draft: Draft) -> History:
        """What a link brings: one back or forward if that is it, as with the browser's own arrows, else one more."""
        near = (found for found in (self, self.undone, self.redone) if found.present == draft)
        return next(near, None) or self.after(draft)


TURNS: Mapping[str, Callable[[History], History]] = MappingProxyType(
    {"undo": lambda history: history.undone, "redo": lambda history: history.redone}
)
"""What a hand can do to a history beside an edit, by the name under which it says so."""
