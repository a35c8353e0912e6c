"""What we keep on disk: caches, later baselines and bundles."""
