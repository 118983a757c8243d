/* The floor under a cached answer: a server on a Unix socket that reads lines, looks at nothing
 * in them, and answers each with the same bytes. What is left is the kernel, epoll(7) and
 * memchr(3), which whoever serves lines must pay.
 *
 *   floor-lines SOCKET ANSWER_FILE [THREADS]
 *
 * The answer is the file's first line. It serves until it is killed. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
  EVENTS_AT_A_TIME = 256,
  /* What one recv(2) takes at most: more than a socket holds by default (net.core.rmem_default). */
  READ_SIZE = 256 << 10,
  BACKLOG = 4096
};

/* One connection. Answers that the socket did not take wait in `pending`. */
struct client {
  int descriptor;
  char *pending;
  size_t pending_length, pending_sent, pending_room;
};

static char *answer;
static size_t answer_length;
static int listener;

static void fail(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void *grown(void *memory, size_t size) {
  memory = realloc(memory, size);
  if (memory == NULL) fail("realloc");
  return memory;
}

static void drop(struct client *client) {
  close(client->descriptor);
  free(client->pending);
  free(client);
}

/* Puts as many answers behind what waits already. */
static void append_answers(struct client *client, size_t count) {
  size_t needed = client->pending_length + count * answer_length;
  if (needed > client->pending_room) {
    client->pending_room = needed * 2;
    client->pending = grown(client->pending, client->pending_room);
  }
  for (; count > 0; count--) {
    memcpy(client->pending + client->pending_length, answer, answer_length);
    client->pending_length += answer_length;
  }
}

/* Sends what waits, as far as the socket takes it; false if the connection is lost. */
static bool flush(struct client *client) {
  while (client->pending_sent < client->pending_length) {
    ssize_t count = send(
        client->descriptor, client->pending + client->pending_sent,
        client->pending_length - client->pending_sent, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    client->pending_sent += (size_t)count;
  }
  client->pending_sent = client->pending_length = 0;
  return true;
}

static size_t lines_in(const char *bytes, size_t length) {
  size_t count = 0;
  const char *end = bytes + length;
  while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
    count++;
    bytes++;
  }
  return count;
}

/* Reads until the socket is empty, as its edge-triggered watch demands; false if it is over. */
static bool serve(struct client *client, uint32_t events, char *buffer) {
  bool peer_is_gone = events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR);
  for (;;) {
    ssize_t count = recv(client->descriptor, buffer, READ_SIZE, 0);
    if (count == 0) return false;
    if (count < 0) return (errno == EAGAIN || errno == EINTR) && flush(client);
    append_answers(client, lines_in(buffer, (size_t)count));
    if (!flush(client)) return false;
    /* Less than there was room for: the next readiness tells of more, and a call is saved. An end
     * that was told already is not told again. */
    if (count < READ_SIZE && !peer_is_gone) return true;
  }
}

static void watch(int poller, int descriptor, uint32_t events, void *data) {
  struct epoll_event event = {.events = events, .data.ptr = data};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
}

static void accept_one(int poller) {
  int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  /* Another thread was faster, or the client has gone again. */
  if (descriptor < 0) return;
  struct client *client = grown(NULL, sizeof *client);
  *client = (struct client){.descriptor = descriptor};
  watch(poller, descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, client);
}

static void *run(void *unused) {
  (void)unused;
  int poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) fail("epoll_create1");
  /* Without data it is the listener; exclusive, so that one thread wakes for a new client. */
  watch(poller, listener, EPOLLIN | EPOLLEXCLUSIVE, NULL);
  char *buffer = grown(NULL, READ_SIZE);
  struct epoll_event events[EVENTS_AT_A_TIME];
  for (;;) {
    int count = epoll_wait(poller, events, EVENTS_AT_A_TIME, -1);
    for (int index = 0; index < count; index++) {
      struct client *client = events[index].data.ptr;
      if (client == NULL) accept_one(poller);
      else if (!serve(client, events[index].events, buffer)) drop(client);
    }
  }
  return NULL;
}

static void read_answer(const char *file) {
  FILE *stream = fopen(file, "r");
  if (stream == NULL) fail(file);
  size_t room = 0;
  ssize_t length = getline(&answer, &room, stream);
  if (length <= 0 || answer[length - 1] != '\n') {
    fprintf(stderr, "floor-lines: %s does not begin with a whole line\n", file);
    exit(EXIT_FAILURE);
  }
  answer_length = (size_t)length;
  fclose(stream);
}

static void start_listening(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    fprintf(stderr, "floor-lines: the path %s is too long for a socket\n", path);
    exit(EXIT_FAILURE);
  }
  strcpy(address.sun_path, path);
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail(path);
  if (listen(listener, BACKLOG) != 0) fail("listen");
}

int main(int count, char **arguments) {
  if (count < 3 || count > 4) {
    fprintf(stderr, "usage: floor-lines SOCKET ANSWER_FILE [THREADS]\n");
    return 64;
  }
  read_answer(arguments[2]);
  start_listening(arguments[1]);
  int threads = count == 4 ? atoi(arguments[3]) : 1;
  for (int index = 1; index < threads; index++) {
    pthread_t thread;
    if ((errno = pthread_create(&thread, NULL, run, NULL)) != 0) fail("pthread_create");
  }
  run(NULL);
}
