#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A simdjson DOM parser with the buffers that it keeps between documents. Not thread safe.
typedef struct csimdjson_parser csimdjson_parser;

/// A new parser that refuses documents nested deeper than `max_depth`, not counting an empty
/// innermost array or object; NULL when memory is short.
csimdjson_parser *csimdjson_create(size_t max_depth);

void csimdjson_destroy(csimdjson_parser *parser);

/// Checks that `bytes[0..<length]` is one JSON document: grammar, UTF-8, depth, integers within
/// -2^63 ... 2^64-1, finite doubles. At least 64 bytes past the end must be readable; what they
/// hold does not matter. Returns 0, or a code for `csimdjson_reason`.
int csimdjson_check(csimdjson_parser *parser, const uint8_t *bytes, size_t length);

/// What a code means to those whose document it is.
typedef enum {
  CSIMDJSON_MALFORMED,
  CSIMDJSON_TOO_DEEP,
  CSIMDJSON_BAD_NUMBER,
  CSIMDJSON_BAD_STRING,
  CSIMDJSON_BAD_UTF8,
  CSIMDJSON_NO_MEMORY,
} csimdjson_fault;

csimdjson_fault csimdjson_fault_of(int code);

/// simdjson's own words for a code, in static memory.
const char *csimdjson_reason(int code);

#ifdef __cplusplus
}
#endif

#endif
