#include "csimdjson.h"

#include <new>
#include <simdjson.h>

namespace {
// Buffers for documents up to this size stay allocated between calls; a larger document's are
// given back at once, for simdjson takes some 14 bytes of address space for each byte of input.
constexpr size_t kept_capacity = size_t(1) << 20;
constexpr size_t smallest_capacity = size_t(1) << 14;
}  // namespace

struct csimdjson_parser {
  explicit csimdjson_parser(size_t depth) : max_depth(depth) {}
  size_t max_depth;
  simdjson::dom::parser dom;
};

extern "C" csimdjson_parser *csimdjson_create(size_t max_depth) {
  // simdjson gives up on reaching its limit, not on passing it.
  return new (std::nothrow) csimdjson_parser(max_depth + 1);
}

extern "C" void csimdjson_destroy(csimdjson_parser *parser) { delete parser; }

extern "C" int csimdjson_check(csimdjson_parser *parser, const uint8_t *bytes, size_t length) {
  auto &dom = parser->dom;
  if (dom.capacity() < length || dom.capacity() == 0) {
    size_t capacity = smallest_capacity;
    while (capacity < length) capacity *= 2;
    if (auto error = dom.allocate(capacity, parser->max_depth)) return error;
  }
  auto error = dom.parse(bytes, length, false).error();
  if (dom.capacity() > kept_capacity) dom = simdjson::dom::parser();
  return error;
}

extern "C" csimdjson_fault csimdjson_fault_of(int code) {
  switch (code) {
  case simdjson::DEPTH_ERROR: return CSIMDJSON_TOO_DEEP;
  case simdjson::NUMBER_ERROR:
  case simdjson::NUMBER_OUT_OF_RANGE: return CSIMDJSON_BAD_NUMBER;
  case simdjson::STRING_ERROR: return CSIMDJSON_BAD_STRING;
  case simdjson::UTF8_ERROR: return CSIMDJSON_BAD_UTF8;
  case simdjson::MEMALLOC: return CSIMDJSON_NO_MEMORY;
  default: return CSIMDJSON_MALFORMED;
  }
}

extern "C" const char *csimdjson_reason(int code) {
  return simdjson::error_message(static_cast<simdjson::error_code>(code));
}
