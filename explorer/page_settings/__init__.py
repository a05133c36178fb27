"""What single pages let one set, a module for each: what a link may carry there."""
