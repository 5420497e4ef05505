"""Result files of a run: records, writers, and one reader."""
