/* libsystemd for Swift: its headers, and two functions for what Swift cannot import. */
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

/* Freed blocks of this size go back to the system at once (mallopt(3)). */
static inline int systemd_shim_set_mmap_threshold(int bytes) {
  return mallopt(M_MMAP_THRESHOLD, bytes);
}

#endif
