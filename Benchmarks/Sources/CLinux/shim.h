/* What Swift's Glibc module leaves out of the kernel's interface. */
#ifndef BENCHMARKS_CLINUX_SHIM_H
#define BENCHMARKS_CLINUX_SHIM_H

#include <pty.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* <string.h> has it for those alone who define _GNU_SOURCE, which an importer cannot. */
void *memmem(const void *bytes, size_t length, const void *wanted, size_t wanted_length);

/* pidfd_open(2): a descriptor that is readable once a process has ended. glibc has it since 2.36. */
static inline int linux_pidfd_open(pid_t process) {
  return (int)syscall(SYS_pidfd_open, process, 0);
}

#endif
