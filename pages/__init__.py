"""Pages: controls → one frozen settings value → a cached call → a picture. No page computes anything itself."""
