"""Why recurrent: what a network with a place of its own for every word costs, and what it cannot carry elsewhere."""
