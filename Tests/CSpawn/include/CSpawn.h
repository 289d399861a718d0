// The parts of posix_spawn that glibc declares for _GNU_SOURCE only.

#ifndef CSPAWN_H
#define CSPAWN_H

#include <spawn.h>

/// Closes all files from a number upwards in the program.
int spawn_close_from(posix_spawn_file_actions_t *actions, int first);

/// Starts the program in a folder.
int spawn_in_folder(posix_spawn_file_actions_t *actions, const char *path);

#endif
