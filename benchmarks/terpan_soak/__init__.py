"""A long run of mixed traffic on one Terpan, with its memory, descriptors, files and threads watched."""
