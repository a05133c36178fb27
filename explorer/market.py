"""Real prices: the weekly ones of six companies that plotly ships."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Market:
    """Closing prices, one row a week, one column a company, each in units of its first.

    Attributes
    ----------
    dates : tuple of str
        Mondays, as 2018-01-01.
    tickers : tuple of str
    prices : (weeks, companies) array
        Read-only.
    """

    dates: tuple[str, ...]
    tickers: tuple[str, ...]
    prices: NDArray[np.float64]


@lru_cache(maxsize=1)
def market() -> Market:
    """The prices; read when first asked for, since reading them loads plotly.

    Examples
    --------
    >>> found = market()
    >>> found.tickers, found.prices.shape
    (('GOOG', 'AAPL', 'AMZN', 'FB', 'NFLX', 'MSFT'), (105, 6))
    """
    from plotly.data import stocks

    table = stocks()
    tickers = tuple(str(name) for name in table.columns if name != "date")
    prices = np.column_stack([np.array(table[name].tolist(), float) for name in tickers])
    prices.flags.writeable = False
    return Market(tuple(str(date)[:10] for date in table["date"].tolist()), tickers, prices)
