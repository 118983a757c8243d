// Makes what SQLite asks for fail: a library to be loaded before all others (LD_PRELOAD) into promptd.
//
// It counts writes, syncs, openings, reads and mappings of the files of the stores, and the memory that
// SQLite takes, and has the n-th of one kind fail, or all from the n-th on. What is to fail stands in a
// file that is shared with the trial (rig/failing.py has the same layout), so that it can be called off.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { WRITE, SYNC, OPEN, MEMORY, READ, MAP, KINDS };

struct control {
  // A kind and 1; 0 while nothing is to fail.
  _Atomic int32_t armed;
  // Whether all from that one on fail.
  _Atomic int32_t lasts;
  // Which one fails, from 1.
  _Atomic int64_t at;
  // As errno has it.
  _Atomic int32_t error;
  int32_t padding;
  // How many have failed.
  _Atomic int64_t failed;
  // How many there were of each kind.
  _Atomic int64_t counts[KINDS];
};

static struct control idle;
static struct control *control = &idle;

// Which descriptors are files of the stores.
enum { DESCRIPTORS = 1 << 16 };
static _Atomic unsigned char is_store[DESCRIPTORS];

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

#define NEXT(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))next(#name)

static int is_ours(int descriptor) {
  return descriptor >= 0 && descriptor < DESCRIPTORS && is_store[descriptor];
}

// Whether this one is to fail; errno is set then.
static int fails(enum kind kind) {
  int64_t number = ++control->counts[kind];
  if (control->armed != (int)kind + 1) return 0;
  if (control->lasts ? number < control->at : number != control->at) return 0;
  control->failed++;
  errno = control->error;
  return 1;
}

// MARK: Files

static int is_store_path(const char *path) {
  const char *name = strrchr(path, '/');
  name = name ? name + 1 : path;
  return !strncmp(name, "cache.sqlite", 12) || !strncmp(name, "state.sqlite", 12);
}

static void opened(int descriptor, const char *path) {
  if (descriptor >= 0 && descriptor < DESCRIPTORS) is_store[descriptor] = is_store_path(path);
}

/* The third argument of those that make a file. */
#define TAKE_MODE \
  mode_t mode = 0; \
  if (flags & (O_CREAT | __O_TMPFILE)) { \
    va_list list; \
    va_start(list, flags); \
    mode = va_arg(list, mode_t); \
    va_end(list); \
  } \
  (void)0

#define OPENS(name) \
  int name(const char *path, int flags, ...) { \
    NEXT(name); \
    TAKE_MODE; \
    if (is_store_path(path) && fails(OPEN)) return -1; \
    int descriptor = real(path, flags, mode); \
    opened(descriptor, path); \
    return descriptor; \
  }

OPENS(open)
OPENS(open64)

#define OPENS_AT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    NEXT(name); \
    TAKE_MODE; \
    if (is_store_path(path) && fails(OPEN)) return -1; \
    int descriptor = real(folder, path, flags, mode); \
    opened(descriptor, path); \
    return descriptor; \
  }

OPENS_AT(openat)
OPENS_AT(openat64)

int close(int descriptor) {
  NEXT(close);
  if (descriptor >= 0 && descriptor < DESCRIPTORS) is_store[descriptor] = 0;
  return real(descriptor);
}

// A write that fails has written half, as on a disk that is full.
#define WRITES_AT(name, offset_t) \
  ssize_t name(int descriptor, const void *bytes, size_t count, offset_t offset) { \
    NEXT(name); \
    if (is_ours(descriptor) && fails(WRITE)) { \
      int error = errno; \
      if (count > 1) (void)!real(descriptor, bytes, count / 2, offset); \
      errno = error; \
      return -1; \
    } \
    return real(descriptor, bytes, count, offset); \
  }

WRITES_AT(pwrite, off_t)
WRITES_AT(pwrite64, off64_t)

ssize_t write(int descriptor, const void *bytes, size_t count) {
  NEXT(write);
  if (is_ours(descriptor) && fails(WRITE)) return -1;
  return real(descriptor, bytes, count);
}

#define RESIZES(name, offset_t) \
  int name(int descriptor, offset_t length) { \
    NEXT(name); \
    if (is_ours(descriptor) && fails(WRITE)) return -1; \
    return real(descriptor, length); \
  }

RESIZES(ftruncate, off_t)
RESIZES(ftruncate64, off64_t)

#define READS_AT(name, offset_t) \
  ssize_t name(int descriptor, void *bytes, size_t count, offset_t offset) { \
    NEXT(name); \
    if (is_ours(descriptor) && fails(READ)) return -1; \
    return real(descriptor, bytes, count, offset); \
  }

READS_AT(pread, off_t)
READS_AT(pread64, off64_t)

#define SYNCS(name) \
  int name(int descriptor) { \
    NEXT(name); \
    if (is_ours(descriptor) && fails(SYNC)) return -1; \
    return real(descriptor); \
  }

SYNCS(fsync)
SYNCS(fdatasync)

#define MAPS(name, offset_t) \
  void *name(void *address, size_t length, int protection, int flags, int descriptor, offset_t offset) { \
    NEXT(name); \
    if (is_ours(descriptor) && fails(MAP)) return MAP_FAILED; \
    return real(address, length, protection, flags, descriptor, offset); \
  }

MAPS(mmap, off_t)
MAPS(mmap64, off64_t)

// MARK: Memory

static sqlite3_mem_methods base;

static void *take(int size) { return fails(MEMORY) ? NULL : base.xMalloc(size); }

static void *resize(void *memory, int size) {
  return fails(MEMORY) ? NULL : base.xRealloc(memory, size);
}

// MARK: The start

static void die(const char *text) {
  (void)!write(2, text, strlen(text));
  _exit(70);
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("PROMPTD_FAILING");
  if (!path) return;
  int descriptor = open(path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) die("failing: there is no file to be told by\n");
  void *memory = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) die("failing: the file cannot be mapped\n");
  close(descriptor);
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &base) != SQLITE_OK) die("failing: SQLite has begun\n");
  sqlite3_mem_methods ours = base;
  ours.xMalloc = take;
  ours.xRealloc = resize;
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK) die("failing: SQLite has begun\n");
  control = memory;
}
