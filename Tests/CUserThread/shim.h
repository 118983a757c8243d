/* The system calls themselves, which Swift cannot call since syscall(2) is variadic. They change the
 * calling thread alone; the C library's functions of these names change all threads. */
#ifndef PROMPTD_CUSERTHREAD_SHIM_H
#define PROMPTD_CUSERTHREAD_SHIM_H

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline long user_thread_set_groups(size_t count, const gid_t *groups) {
  return syscall(SYS_setgroups, count, groups);
}

static inline long user_thread_set_gid(gid_t group) {
  return syscall(SYS_setresgid, group, group, group);
}

static inline long user_thread_set_uid(uid_t user) {
  return syscall(SYS_setresuid, user, user, user);
}

#endif
