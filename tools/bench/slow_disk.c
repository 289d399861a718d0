// Delays every write and sync of one file and those whose names start like it, such as an archive and its write-ahead log.
// Preloaded into a program: SLOW_DISK_FILE is the path of the file, SLOW_DISK_MS the delay in milliseconds.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { most = 65536 };
static _Atomic char is_slow[most];

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

static int opened(const char *path, int descriptor) {
    static const char *file;
    if (!file) file = getenv("SLOW_DISK_FILE") ? getenv("SLOW_DISK_FILE") : "";
    if (descriptor >= 0 && descriptor < most) is_slow[descriptor] = *file && !strncmp(path, file, strlen(file));
    return descriptor;
}

static void delay(int descriptor) {
    static long milliseconds = -1;
    if (descriptor < 0 || descriptor >= most || !is_slow[descriptor]) return;
    if (milliseconds < 0) milliseconds = getenv("SLOW_DISK_MS") ? atol(getenv("SLOW_DISK_MS")) : 0;
    if (!milliseconds) return;
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&pause, &pause)) {}
}

#define OPEN(NAME)                                                                                                     \
    int NAME(const char *path, int flags, ...) {                                                                       \
        static int (*real)(const char *, int, ...);                                                                    \
        if (!real) real = next(#NAME);                                                                                 \
        mode_t mode = 0;                                                                                               \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                                           \
            va_list list;                                                                                              \
            va_start(list, flags);                                                                                     \
            mode = va_arg(list, mode_t);                                                                               \
            va_end(list);                                                                                              \
        }                                                                                                              \
        return opened(path, real(path, flags, mode));                                                                  \
    }
OPEN(open)
OPEN(open64)

#define CALL(TYPE, NAME, PARAMETERS, ARGUMENTS)                                                                        \
    TYPE NAME PARAMETERS {                                                                                             \
        static TYPE(*real) PARAMETERS;                                                                                 \
        if (!real) real = next(#NAME);                                                                                 \
        delay(descriptor);                                                                                             \
        return real ARGUMENTS;                                                                                         \
    }
CALL(ssize_t, write, (int descriptor, const void *bytes, size_t count), (descriptor, bytes, count))
CALL(ssize_t, pwrite, (int descriptor, const void *bytes, size_t count, off_t at), (descriptor, bytes, count, at))
CALL(ssize_t, pwrite64, (int descriptor, const void *bytes, size_t count, off64_t at), (descriptor, bytes, count, at))
CALL(int, fsync, (int descriptor), (descriptor))
CALL(int, fdatasync, (int descriptor), (descriptor))

int close(int descriptor) {
    static int (*real)(int);
    if (!real) real = next("close");
    if (descriptor >= 0 && descriptor < most) is_slow[descriptor] = 0;
    return real(descriptor);
}
