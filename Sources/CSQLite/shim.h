/* SQLite for Swift: the library's own header, and the one constant that Swift cannot import. */
#ifndef PROMPTD_CSQLITE_SHIM_H
#define PROMPTD_CSQLITE_SHIM_H

#include <sqlite3.h>

/* SQLite is to copy what it is given (SQLITE_TRANSIENT, a cast of -1). */
static inline sqlite3_destructor_type sqlite_shim_copied(void) { return SQLITE_TRANSIENT; }

#endif
