// zlib behind a stdio stream, for libpcap reads stdio streams and only those; and zlib from buffer to buffer.
#define _GNU_SOURCE
#include "CGzip.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#ifdef __linux__
static ssize_t read_some(void *file, char *buffer, size_t size) {
    int count = gzread(file, buffer, size > (1u << 30) ? 1u << 30 : (unsigned)size);
    return count;
}
#else
static int read_some(void *file, char *buffer, int size) { return gzread(file, buffer, (unsigned)size); }
#endif

static int close_it(void *file) { return gzclose(file) == Z_OK ? 0 : EOF; }

FILE *butterflynet_open_gzip(int descriptor) {
    gzFile file = gzdopen(descriptor, "rb");
    if (!file) return NULL;
    gzbuffer(file, 1u << 18);
#ifdef __linux__
    cookie_io_functions_t functions = {.read = read_some, .close = close_it};
    FILE *stream = fopencookie(file, "rb", functions);
#else
    FILE *stream = funopen(file, read_some, NULL, NULL, close_it);
#endif
    if (!stream) gzclose(file);
    return stream;
}

size_t butterflynet_deflate(const void *bytes, size_t count, void *into, size_t room) {
    uLongf length = room;
    return compress2(into, &length, bytes, count, 1) == Z_OK ? length : 0;
}

int butterflynet_inflate(const void *bytes, size_t length, void *into, size_t count) {
    uLongf filled = count;
    return uncompress(into, &filled, bytes, length) == Z_OK && filled == count;
}

ssize_t butterflynet_peek(int descriptor, void *bytes, size_t size) {
#ifdef __linux__
    int ends[2];
    if (pipe(ends) != 0) return -1;
    // tee copies from pipe to pipe, and leaves what it copies where it is.
    ssize_t count = tee(descriptor, ends[1], size, 0);
    if (count > 0) count = read(ends[0], bytes, size);
    close(ends[0]);
    close(ends[1]);
    return count;
#else
    (void)descriptor, (void)bytes, (void)size;
    return -1;
#endif
}
