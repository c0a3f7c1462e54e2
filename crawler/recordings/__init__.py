"""Recordings of crawls: WARC files and hand-written directories, replayed offline."""
