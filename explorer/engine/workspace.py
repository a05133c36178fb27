"""Workspaces that are expensive to set up and can be used by one caller at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
W = TypeVar("W")


class Pool(Generic[P, W]):
    """Keeps the most recently used workspaces and lends each to one thread at a time.

    Parameters
    ----------
    make : callable
        Sets up a workspace from hashable arguments, which are also what it is found by.
    size : int
        How many idle workspaces are kept.

    Examples
    --------
    >>> pool = Pool(lambda length: [0] * length)
    >>> with pool.borrow(3) as first:
    ...     first[0] = 7
    >>> with pool.borrow(3) as again:
    ...     again
    [7, 0, 0]
    """

    def __init__(self, make: Callable[P, W], size: int = 24) -> None:
        self._make, self._size = make, size
        self._idle: OrderedDict[Hashable, W] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def borrow(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[W]:
        """A workspace for these arguments, for the length of a with block."""
        with self._lock:
            workspace = self._idle.pop(args, None)
        if workspace is None:
            workspace = self._make(*args, **kwargs)
        yield workspace  # on an exception it is dropped: its buffers may be half filled
        with self._lock:
            self._idle[args] = workspace
            while len(self._idle) > self._size:
                self._idle.popitem(last=False)
