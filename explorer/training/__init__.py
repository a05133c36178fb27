"""Training: optimisers, and a chain of immutable snapshots that knows no screen."""
