/* libsystemd for Swift: its headers, and functions for what Swift cannot import. */
#ifndef PROMPTD_CSYSTEMD_SHIM_H
#define PROMPTD_CSYSTEMD_SHIM_H

/* Swift's Glibc module leaves these two out. */
#include <malloc.h>
#include <sys/prctl.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>

/* prctl is variadic, which Swift cannot call. */
static inline int systemd_shim_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/* What ps and debuggers call this thread, 15 bytes at most (prctl(2)). */
static inline int systemd_shim_name_thread(const char *name) {
  return prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* Freed blocks of this size go back to the system at once (mallopt(3)). */
static inline int systemd_shim_set_mmap_threshold(int bytes) {
  return mallopt(M_MMAP_THRESHOLD, bytes);
}

#endif
