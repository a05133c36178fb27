"""Workspaces that are expensive to set up and can be used by one caller at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, ParamSpec, Protocol, TypeVar


class Workspace(Protocol):
    """Anything that knows how much memory it holds."""

    @property
    def nbytes(self) -> int:
        """About how many bytes it keeps from others."""


P = ParamSpec("P")
W = TypeVar("W", bound=Workspace)


class Pool(Generic[P, W]):
    """Keeps the most recently used workspaces and lends each to one thread at a time.

    Parameters
    ----------
    make : callable
        Sets up a workspace from hashable arguments, which are also what it is found by.
    most, most_bytes : int
        How many idle workspaces are kept, and how many bytes they may hold together. One that is larger alone is set
        up anew each time: next to running it, that costs little.

    Examples
    --------
    >>> import numpy as np
    >>> pool = Pool(np.zeros, most_bytes=100)
    >>> with pool.borrow(3) as first:
    ...     first[0] = 7
    >>> with pool.borrow(3) as again, pool.borrow(20) as large:
    ...     again
    array([7., 0., 0.])
    >>> pool.idle_bytes
    24
    """

    def __init__(self, make: Callable[P, W], most: int = 24, most_bytes: int = 64 << 20) -> None:
        self._make, self._most, self._most_bytes = make, most, most_bytes
        self._idle: OrderedDict[Hashable, W] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def idle_bytes(self) -> int:
        """What the workspaces that wait for a caller hold."""
        return sum(workspace.nbytes for workspace in self._idle.values())

    @contextmanager
    def borrow(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[W]:
        """A workspace for these arguments, for the length of a with block."""
        with self._lock:
            workspace = self._idle.pop(args, None)
        if workspace is None:
            workspace = self._make(*args, **kwargs)
        yield workspace  # on an exception it is dropped: its buffers may be half filled
        if workspace.nbytes > self._most_bytes:
            return  # kept, it would push all others out
        with self._lock:
            self._idle[args] = workspace
            while len(self._idle) > self._most or self.idle_bytes > self._most_bytes:
                self._idle.popitem(last=False)
