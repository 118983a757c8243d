/* Loaded before the C library (LD_PRELOAD), this has names take as long as a test wants. */
#ifndef PROMPTD_SLOWNAMES_H
#define PROMPTD_SLOWNAMES_H
#endif
