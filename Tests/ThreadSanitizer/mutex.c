/* Tells the thread sanitizer of Swift's Mutex. Where two threads want one at once the kernel hands it
 * over, inside of functions of the standard library, which were not built for the sanitizer: it would
 * see no order between the two, and a race in everything that a Mutex guards. scripts/sanitize has
 * this loaded before the standard library. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

void __tsan_acquire(void *address) __attribute__((weak));
void __tsan_release(void *address) __attribute__((weak));

#define SWIFTCALL __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

/* Synchronization._MutexHandle's own functions, by their mangled names. */
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFTCALL void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFTCALL bool try_lock_slow(SELF) __asm__(TRY_LOCK);
SWIFTCALL void unlock_slow(SELF) __asm__(UNLOCK);

SWIFTCALL void lock_slow(uint32_t thread, SELF) {
  static SWIFTCALL void (*own)(uint32_t, SELF);
  if (!own) own = dlsym(RTLD_NEXT, LOCK);
  own(thread, self);
  if (__tsan_acquire) __tsan_acquire(self);
}

SWIFTCALL bool try_lock_slow(SELF) {
  static SWIFTCALL bool (*own)(SELF);
  if (!own) own = dlsym(RTLD_NEXT, TRY_LOCK);
  bool is_locked = own(self);
  if (is_locked && __tsan_acquire) __tsan_acquire(self);
  return is_locked;
}

SWIFTCALL void unlock_slow(SELF) {
  static SWIFTCALL void (*own)(SELF);
  if (!own) own = dlsym(RTLD_NEXT, UNLOCK);
  if (__tsan_release) __tsan_release(self);
  own(self);
}
