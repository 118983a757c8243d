/* A name that ends in ".slow" is looked up once somebody has written to the FIFO that $SLOW_NAMES
 * names: opening it waits for that. That a look-up has begun shows in a file beside it. */
#define _GNU_SOURCE
#include "SlowNames.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int is_slow(const char *name) {
  size_t length = name ? strlen(name) : 0;
  return length > 5 && strcmp(name + length - 5, ".slow") == 0;
}

int getaddrinfo(
    const char *name, const char *service, const struct addrinfo *hints,
    struct addrinfo **result) {
  const char *fifo = getenv("SLOW_NAMES");
  if (is_slow(name) && fifo) {
    char begun[4096];
    snprintf(begun, sizeof begun, "%s.begun", fifo);
    int mark = open(begun, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (mark >= 0) {
      (void)!write(mark, ".", 1);
      close(mark);
    }
    int gate = open(fifo, O_RDONLY | O_CLOEXEC);
    char byte;
    if (gate >= 0) {
      (void)!read(gate, &byte, 1);
      close(gate);
    }
    return EAI_NONAME;
  }
  look_up *next = (look_up *)dlsym(RTLD_NEXT, "getaddrinfo");
  return next ? next(name, service, hints, result) : EAI_SYSTEM;
}
