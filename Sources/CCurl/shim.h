/* libcurl for Swift: the library's own header, and one shim for each type of argument that
 * promptd passes to a variadic function, because Swift cannot call variadic C functions.
 *
 * A function's name stands in parentheses where curl.h also defines a macro of that name: the
 * macro checks argument types for constant options only, and here the option is a parameter. */
#ifndef PROMPTD_CCURL_SHIM_H
#define PROMPTD_CCURL_SHIM_H

#include <curl/curl.h>
/* Swift's Glibc module leaves these out. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

/* What ps and debuggers call this thread, 15 bytes at most (prctl(2), which is variadic too). */
static inline int curl_shim_name_thread(const char *name) {
  return prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* Switches, numbers and masks: "long" options (curl_easy_setopt(3)). */
static inline CURLcode curl_shim_easy_set_long(CURL *easy, CURLoption option, long value) {
  return (curl_easy_setopt)(easy, option, value);
}

/* Sizes beyond 2 GiB: "curl_off_t" options are another width than long on 32-bit machines. */
static inline CURLcode curl_shim_easy_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return (curl_easy_setopt)(easy, option, value);
}

/* Text that libcurl copies: a type of its own, so that a Swift String can be passed. */
static inline CURLcode curl_shim_easy_set_string(
    CURL *easy, CURLoption option, const char *value) {
  return (curl_easy_setopt)(easy, option, value);
}

/* Memory that libcurl keeps a pointer to (callback contexts, lists, the error buffer) or copies by
 * a size given before (COPYPOSTFIELDS). */
static inline CURLcode curl_shim_easy_set_pointer(
    CURL *easy, CURLoption option, const void *value) {
  return (curl_easy_setopt)(easy, option, value);
}

/* Body and header bytes: C forbids passing a function as void *. */
static inline CURLcode curl_shim_easy_set_bytes_callback(
    CURL *easy, CURLoption option, curl_write_callback value) {
  return (curl_easy_setopt)(easy, option, value);
}

/* The question before each request: a function type of its own. */
static inline CURLcode curl_shim_easy_set_prereq_callback(
    CURL *easy, curl_prereq_callback value) {
  return (curl_easy_setopt)(easy, CURLOPT_PREREQFUNCTION, value);
}

/* What closes a socket in libcurl's place: a function type of its own. */
static inline CURLcode curl_shim_easy_set_close_callback(
    CURL *easy, curl_closesocket_callback value) {
  return (curl_easy_setopt)(easy, CURLOPT_CLOSESOCKETFUNCTION, value);
}

/* Numbers that libcurl tells: "long *" infos (curl_easy_getinfo(3)). */
static inline CURLcode curl_shim_easy_get_long(CURL *easy, CURLINFO info, long *value) {
  return (curl_easy_getinfo)(easy, info, value);
}

/* Numbers of the multi handle (curl_multi_setopt(3)). */
static inline CURLMcode curl_shim_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return (curl_multi_setopt)(multi, option, value);
}

/* Callback contexts of the multi handle. */
static inline CURLMcode curl_shim_multi_set_pointer(
    CURLM *multi, CURLMoption option, void *value) {
  return (curl_multi_setopt)(multi, option, value);
}

/* Which sockets to watch: a function type of its own. */
static inline CURLMcode curl_shim_multi_set_socket_callback(
    CURLM *multi, curl_socket_callback value) {
  return (curl_multi_setopt)(multi, CURLMOPT_SOCKETFUNCTION, value);
}

/* When to call again: a function type of its own. */
static inline CURLMcode curl_shim_multi_set_timer_callback(
    CURLM *multi, curl_multi_timer_callback value) {
  return (curl_multi_setopt)(multi, CURLMOPT_TIMERFUNCTION, value);
}

#endif
