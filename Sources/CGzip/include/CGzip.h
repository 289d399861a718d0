#pragma once
#include <stdio.h>
#include <sys/types.h>

/// Opens a file descriptor as a stream that decompresses gzip and passes everything else through as it is.
/// The stream owns the descriptor. NULL where there is no memory for it.
FILE *butterflynet_open_gzip(int descriptor);


/// Compresses quickly into a buffer of `room` bytes. Returns how many it took, 0 where they do not fit.
size_t butterflynet_deflate(const void *bytes, size_t count, void *into, size_t room);

/// Decompresses into a buffer of exactly `count` bytes. Returns whether it was filled to the end.
int butterflynet_inflate(const void *bytes, size_t length, void *into, size_t count);

/// Copies the first bytes that wait in a pipe without taking them; waits for one. 0 or less where the descriptor is no pipe.
ssize_t butterflynet_peek(int descriptor, void *bytes, size_t size);
