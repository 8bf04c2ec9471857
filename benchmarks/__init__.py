"""`make bench`: one JSON line per measurement, each a ratio to a baseline measured in the same run."""
