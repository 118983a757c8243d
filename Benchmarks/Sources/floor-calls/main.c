/* The floor under a cache miss: libcurl alone, on one thread, POSTs one body again and again over
 * kept-alive connections to a Unix socket. Whoever calls an upstream by libcurl must pay this.
 *
 *   floor-calls SOCKET PATH BODY_FILE CALLS AT_A_TIME
 *
 * It drives libcurl as a server would, by epoll(7) and curl_multi_socket_action(3), and prints one
 * JSON object: calls that were answered with 200, failures, seconds, calls per second, and the
 * median and the 99th percentile of the time to the first byte of the body and to its end, in
 * microseconds. It exits with 1 if a call failed. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_AT_A_TIME = 64, LONGEST_WAIT_MS = 1000 };

/* One of the calls under way, reused for the next. Times are nanoseconds. */
struct call {
  CURL *easy;
  uint64_t sent, first_byte;
};

struct bench {
  CURLM *multi;
  int poller;
  /* When libcurl wants to be called, in nanoseconds; UINT64_MAX is never. */
  uint64_t deadline;
  long wanted, started, ended, failed;
  uint64_t *first_bytes, *ends;
};

static void fail(const char *what, const char *why) {
  fprintf(stderr, "floor-calls: %s: %s\n", what, why);
  exit(EXIT_FAILURE);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* CURLOPT_WRITEFUNCTION: throws the bytes away. */
static size_t took_bytes(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes;
  struct call *call = context;
  if (call->first_byte == 0) call->first_byte = now();
  return size * count;
}

/* CURLMOPT_SOCKETFUNCTION. */
static int watch(CURL *easy, curl_socket_t socket, int what, void *context, void *known) {
  (void)easy;
  struct bench *bench = context;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(bench->poller, EPOLL_CTL_DEL, socket, NULL);
    return 0;
  }
  struct epoll_event event = {.data.fd = socket};
  if (what & CURL_POLL_IN) event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
  int operation = known == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(bench->poller, operation, socket, &event) != 0) return -1;
  /* Anything but NULL: this socket is in the set from now on. */
  curl_multi_assign(bench->multi, socket, bench);
  return 0;
}

/* CURLMOPT_TIMERFUNCTION. */
static int set_timer(CURLM *multi, long milliseconds, void *context) {
  (void)multi;
  struct bench *bench = context;
  bench->deadline = milliseconds < 0 ? UINT64_MAX : now() + (uint64_t)milliseconds * 1000000u;
  return 0;
}

static void start(struct bench *bench, struct call *call) {
  bench->started++;
  call->first_byte = 0;
  call->sent = now();
  CURLMcode code = curl_multi_add_handle(bench->multi, call->easy);
  if (code != CURLM_OK) fail("curl_multi_add_handle", curl_multi_strerror(code));
}

/* Notes every call that is over and starts another in its place. */
static void collect(struct bench *bench) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(bench->multi, &left)) != NULL) {
    uint64_t end = now();
    struct call *call;
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    if (message->data.result != CURLE_OK || status != 200) bench->failed++;
    bench->first_bytes[bench->ended] = (call->first_byte ? call->first_byte : end) - call->sent;
    bench->ends[bench->ended++] = end - call->sent;
    curl_multi_remove_handle(bench->multi, call->easy);
    if (bench->started < bench->wanted) start(bench, call);
  }
}

/* One turn: libcurl goes on where a socket is ready or its time has come. */
static void turn(struct bench *bench) {
  struct epoll_event events[EVENTS_AT_A_TIME];
  uint64_t time = now();
  int wait = LONGEST_WAIT_MS;
  if (bench->deadline <= time) wait = 0;
  else if (bench->deadline - time < LONGEST_WAIT_MS * 1000000ull)
    wait = (int)((bench->deadline - time + 999999) / 1000000);
  int count = epoll_wait(bench->poller, events, EVENTS_AT_A_TIME, wait), running;
  for (int index = 0; index < count; index++) {
    int selection = 0;
    if (events[index].events & EPOLLIN) selection |= CURL_CSELECT_IN;
    if (events[index].events & EPOLLOUT) selection |= CURL_CSELECT_OUT;
    if (events[index].events & (EPOLLERR | EPOLLHUP)) selection |= CURL_CSELECT_ERR;
    curl_multi_socket_action(bench->multi, events[index].data.fd, selection, &running);
  }
  if (bench->deadline <= now()) {
    bench->deadline = UINT64_MAX;
    curl_multi_socket_action(bench->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  collect(bench);
}

static CURL *configured(
    struct call *call, const char *socket, const char *path, const char *body, long length,
    struct curl_slist *headers) {
  CURL *easy = curl_easy_init();
  if (easy == NULL) fail("curl_easy_init", "no memory");
  char url[256];
  snprintf(url, sizeof url, "http://upstream%s", path);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, length);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, took_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  return easy;
}

static char *contents(const char *file, long *length) {
  FILE *stream = fopen(file, "r");
  if (stream == NULL || fseek(stream, 0, SEEK_END) != 0) fail(file, "cannot be read");
  *length = ftell(stream);
  rewind(stream);
  char *bytes = malloc((size_t)*length + 1);
  if (bytes == NULL || fread(bytes, 1, (size_t)*length, stream) != (size_t)*length)
    fail(file, "cannot be read");
  fclose(stream);
  return bytes;
}

static int ascending(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

/* Nearest-rank percentile of sorted nanoseconds, in microseconds. */
static double percentile(const uint64_t *sorted, long count, double part) {
  long rank = (long)((double)count * part);
  return (double)sorted[rank < count ? rank : count - 1] / 1e3;
}

static void report(struct bench *bench, double seconds) {
  qsort(bench->first_bytes, (size_t)bench->ended, sizeof(uint64_t), ascending);
  qsort(bench->ends, (size_t)bench->ended, sizeof(uint64_t), ascending);
  printf(
      "{\"answered\":%ld,\"failed\":%ld,\"seconds\":%.6f,\"per_second\":%.1f,"
      "\"first_byte_p50_us\":%.2f,\"first_byte_p99_us\":%.2f,\"p50_us\":%.2f,\"p99_us\":%.2f}\n",
      bench->ended - bench->failed, bench->failed, seconds, (double)bench->ended / seconds,
      percentile(bench->first_bytes, bench->ended, 0.5),
      percentile(bench->first_bytes, bench->ended, 0.99),
      percentile(bench->ends, bench->ended, 0.5), percentile(bench->ends, bench->ended, 0.99));
}

int main(int count, char **arguments) {
  if (count != 6 || atol(arguments[4]) < 1 || atol(arguments[5]) < 1) {
    fprintf(stderr, "usage: floor-calls SOCKET PATH BODY_FILE CALLS AT_A_TIME\n");
    return 64;
  }
  long length, at_a_time = atol(arguments[5]);
  char *body = contents(arguments[3], &length);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  /* No Expect: promptd sends none either, and it would cost a round trip. */
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Authorization: Bearer none");
  headers = curl_slist_append(headers, "Expect:");

  struct bench bench = {.deadline = UINT64_MAX, .wanted = atol(arguments[4])};
  bench.first_bytes = calloc((size_t)bench.wanted, sizeof(uint64_t));
  bench.ends = calloc((size_t)bench.wanted, sizeof(uint64_t));
  struct call *calls = calloc((size_t)at_a_time, sizeof *calls);
  bench.poller = epoll_create1(EPOLL_CLOEXEC);
  bench.multi = curl_multi_init();
  if (!bench.first_bytes || !bench.ends || !calls || bench.poller < 0 || !bench.multi)
    fail("start", "no memory");
  curl_multi_setopt(bench.multi, CURLMOPT_SOCKETFUNCTION, watch);
  curl_multi_setopt(bench.multi, CURLMOPT_SOCKETDATA, &bench);
  curl_multi_setopt(bench.multi, CURLMOPT_TIMERFUNCTION, set_timer);
  curl_multi_setopt(bench.multi, CURLMOPT_TIMERDATA, &bench);
  curl_multi_setopt(bench.multi, CURLMOPT_MAXCONNECTS, at_a_time);

  uint64_t begun = now();
  for (long index = 0; index < at_a_time && bench.started < bench.wanted; index++) {
    calls[index].easy =
        configured(&calls[index], arguments[1], arguments[2], body, length, headers);
    start(&bench, &calls[index]);
  }
  while (bench.ended < bench.wanted) turn(&bench);
  report(&bench, (double)(now() - begun) / 1e9);
  return bench.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
