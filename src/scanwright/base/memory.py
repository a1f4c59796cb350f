"""How memory that was freed is used again."""

LARGEST = 2**25 - 2**13
"""Bytes of the largest block that glibc learns from: 32 MiB, less what it adds."""


def keep_freed_memory() -> None:
    """Keep blocks of up to 32 MiB that are freed for the next to come, in this process.

    glibc gives blocks above a limit back to the system at once, and the end of the heap, too; each
    page has then to be fetched and zeroed again. Feature maps come and go that way all the time: a
    tenth to a fifth of a small network's time. The limit starts at 128 KiB and rises to the largest
    block ever freed, 32 MiB at most (mallopt(3), M_MMAP_THRESHOLD). So one is taken, none of its
    pages is touched, and it is freed. At most 64 MiB then stay held by each thread. Does nothing
    where there is another allocator, or one that was told its limits.
    """
    block = bytes(LARGEST)
    del block
