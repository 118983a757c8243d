/* libsystemd for Swift: its headers, and one function for what Swift cannot import. */
#ifndef PROMPTD_CSYSTEMD_SHIM_H
#define PROMPTD_CSYSTEMD_SHIM_H

/* Swift's Glibc module leaves this one out. */
#include <sys/prctl.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>

/* prctl is variadic, which Swift cannot call. */
static inline int systemd_shim_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

#endif
