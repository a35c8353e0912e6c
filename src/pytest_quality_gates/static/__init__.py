"""Evidence that needs no test run, the source facts and what the type checker says: from the cache or worked out, here or beside the tests."""
