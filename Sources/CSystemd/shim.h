/* libsystemd for Swift: its headers, and functions for what Swift cannot import. */
#ifndef PROMPTD_CSYSTEMD_SHIM_H
#define PROMPTD_CSYSTEMD_SHIM_H

/* Swift's Glibc module leaves these two out. */
#include <malloc.h>
#include <sys/prctl.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>
#include <unistd.h>

/* prctl is variadic, which Swift cannot call. */
static inline int systemd_shim_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/* What ps and debuggers call this thread, 15 bytes at most (prctl(2)). */
static inline int systemd_shim_name_thread(const char *name) {
  return prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* Freed memory stays with the process, as far as glibc lets it (mallopt(3)): blocks beyond 32 MiB have
 * mappings of their own and go back at once, and so does what is free at the end beyond 64 MiB. As many
 * heaps as processors, in place of eight for each: what one thread frees serves others, and less is left
 * between. Each thread has a cache of its own before that. */
static inline void systemd_shim_keep_freed(void) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  mallopt(M_ARENA_MAX, processors < 2 ? 2 : (int)processors);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

/* Gives freed memory back to the system (malloc_trim(3)). */
static inline void systemd_shim_give_back_freed(void) { malloc_trim(0); }

#endif
