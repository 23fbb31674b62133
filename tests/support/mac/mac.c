/* What partyline calls of macOS and of PortAudio's CoreAudio side, as far as Linux can stand in for it.
   The folder $FAKE_MAC steers it: a file `hang` there makes each question to CoreAudio take 20 s. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- AudioHardware.h: three devices, of which 81 is the default */
typedef struct { uint32_t selector, scope, element; } Address;
#define SYSTEM_OBJECT 1
#define CODE(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define BAD_OBJECT ((int32_t)CODE('!', 'o', 'b', 'j'))
#define BAD_SIZE ((int32_t)CODE('!', 's', 'i', 'z'))
#define UNKNOWN_PROPERTY ((int32_t)CODE('w', 'h', 'o', '?'))
uint32_t devices[64] = {74, 81, 90}, device_count = 3, default_output = 81, dead;
int grows; /* a device comes between the question for the size and the one for the list, this many times */
int run_loop_is_null = -1;

static void hang(void) {
  const char *folder = getenv("FAKE_MAC");
  char path[4096];
  if (!folder) return;
  snprintf(path, sizeof path, "%s/hang", folder);
  for (int i = 0; i < 200 && access(path, F_OK) == 0; i++) usleep(100000);
}
static int is_there(uint32_t object) {
  for (uint32_t i = 0; i < device_count; i++) if (devices[i] == object) return 1;
  return object == SYSTEM_OBJECT;
}
int32_t AudioObjectGetPropertyDataSize(uint32_t object, const Address *a, uint32_t qs, const void *q, uint32_t *out) {
  hang();
  if (!is_there(object) || a->scope != CODE('g', 'l', 'o', 'b') || a->element || qs || q) return BAD_OBJECT;
  *out = a->selector == CODE('d', 'e', 'v', '#') ? 4 * device_count : 4;
  if (a->selector == CODE('d', 'e', 'v', '#') && grows > 0) { grows--; devices[device_count] = 100 + device_count; device_count++; }
  return 0;
}
int32_t AudioObjectGetPropertyData(uint32_t object, const Address *a, uint32_t qs, const void *q, uint32_t *io, void *data) {
  hang();
  if (!is_there(object) || a->scope != CODE('g', 'l', 'o', 'b') || a->element || qs || q) return BAD_OBJECT;
  if (a->selector == CODE('d', 'e', 'v', '#')) {
    if (*io < 4 * device_count) return BAD_SIZE;
    *io = 4 * device_count;
    memcpy(data, devices, *io);
    return 0;
  }
  uint32_t alive = object != dead, *value = a->selector == CODE('d', 'O', 'u', 't') ? &default_output : a->selector == CODE('l', 'i', 'v', 'n') ? &alive : NULL;
  if (!value) return UNKNOWN_PROPERTY;
  *io = 4;
  memcpy(data, value, 4);
  return 0;
}
int32_t AudioObjectSetPropertyData(uint32_t object, const Address *a, uint32_t qs, const void *q, uint32_t size, const void *data) {
  if (object != SYSTEM_OBJECT || a->selector != CODE('r', 'n', 'l', 'p') || qs || q || size != sizeof(void *)) return UNKNOWN_PROPERTY;
  run_loop_is_null = *(void *const *)data == NULL;
  return 0;
}

/* --- pa_mac_core.h */
uint32_t PaMacCore_GetStreamOutputDevice(void *stream) { return stream ? default_output : 0; }

/* --- pthread/qos.h */
int qos_class = 0, qos_priority = 1, qos_calls = 0;
int pthread_set_qos_class_self_np(unsigned class, int priority) {
  qos_class = (int)class; qos_priority = priority; qos_calls++;
  return 0;
}

/* --- mach/task_info.h: MACH_TASK_BASIC_INFO is 20, 12 words long */
uint32_t mach_task_self_ = 0x103;
int task_info(uint32_t task, uint32_t flavor, void *info, uint32_t *count) {
  if (task != mach_task_self_ || flavor != 20 || *count != 12) return 4; /* KERN_INVALID_ARGUMENT */
  uint64_t sizes[3] = {9000000000ULL, 123456789ULL, 223456789ULL};
  memset(info, 0, 48);
  memcpy(info, sizes, sizeof sizes);
  return 0;
}

/* --- the device's thread, which calls back in real time */
typedef void (*callback_t)(void);
static volatile int stopping;
static pthread_t thread;
static callback_t callback;
static int64_t period;
int64_t calls, over_period, over_3ms, over_10ms, skipped, worst_ns, cpu_ns;
static int64_t now(clockid_t c) { struct timespec t; clock_gettime(c, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
static void *run(void *unused) {
  struct sched_param p = {.sched_priority = 20};
  pthread_setschedparam(pthread_self(), SCHED_FIFO, &p);
  int64_t due = now(CLOCK_MONOTONIC) + period;
  while (!stopping) {
    struct timespec t = {due / 1000000000LL, due % 1000000000LL};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0);
    callback();
    int64_t late = now(CLOCK_MONOTONIC) - due;
    calls++;
    over_period += late > period; over_3ms += late > 3000000; over_10ms += late > 10000000;
    if (late > worst_ns) worst_ns = late;
    due += period;
    if (late > 50000000) { skipped += late / period; due += late / period * period; }
    cpu_ns = now(CLOCK_THREAD_CPUTIME_ID);
  }
  return unused;
}
void pacer_start(callback_t f, int64_t ns) { callback = f; period = ns; stopping = 0; pthread_create(&thread, 0, run, 0); }
void pacer_stop(void) { stopping = 1; pthread_join(thread, 0); }
