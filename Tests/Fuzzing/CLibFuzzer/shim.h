/* libFuzzer's driver for programs that have a main of their own; no header declares it. */
#ifndef PROMPTD_CLIBFUZZER_SHIM_H
#define PROMPTD_CLIBFUZZER_SHIM_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t count));

#endif
