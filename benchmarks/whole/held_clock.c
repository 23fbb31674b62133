/* A preloaded library by which CLOCK_MONOTONIC stands still by what the file $MACSLEEP says (8 bytes, ns), as a sleeping
   Mac's does. Not for the simulator: the world goes on. Used by sleep.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
static volatile int64_t *slept; static int64_t zero;
static int (*r_gettime)(clockid_t, struct timespec *);
static int (*r_nanosleep)(clockid_t, int, const struct timespec *, struct timespec *);
static int (*r_semclock)(sem_t *, clockid_t, const struct timespec *);
static int (*r_condclock)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
static int (*r_condtimed)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
__attribute__((constructor)) static void init(void) {
  slept = &zero;
  r_gettime = dlsym(RTLD_NEXT, "clock_gettime"); r_nanosleep = dlsym(RTLD_NEXT, "clock_nanosleep");
  r_semclock = dlsym(RTLD_NEXT, "sem_clockwait"); r_condclock = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
  r_condtimed = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  char b[4096]; int f = open("/proc/self/cmdline", O_RDONLY); ssize_t n = read(f, b, sizeof b); close(f);
  for (ssize_t i = 0; i < n; i++) if (!b[i]) b[i] = ' ';
  if (n > 0 && memmem(b, n, "-m simulator", 12)) return;
  const char *p = getenv("MACSLEEP"); if (!p) return;
  f = open(p, O_RDONLY); if (f < 0) return;
  void *m = mmap(0, 8, PROT_READ, MAP_SHARED, f, 0); close(f);
  if (m != MAP_FAILED) slept = m;
}
static struct timespec moved(const struct timespec *t, int64_t ns) {
  int64_t v = t->tv_sec * 1000000000LL + t->tv_nsec + ns; struct timespec o = {v / 1000000000LL, v % 1000000000LL}; return o; }
int clock_gettime(clockid_t c, struct timespec *t) {
  if (!r_gettime) init();
  int r = r_gettime(c, t); if (!r && c == CLOCK_MONOTONIC) *t = moved(t, -*slept); return r; }
int clock_nanosleep(clockid_t c, int fl, const struct timespec *q, struct timespec *m) {
  if (c == CLOCK_MONOTONIC && (fl & TIMER_ABSTIME)) { struct timespec o = moved(q, *slept); return r_nanosleep(c, fl, &o, m); }
  return r_nanosleep(c, fl, q, m); }
int sem_clockwait(sem_t *s, clockid_t c, const struct timespec *t) {
  struct timespec o = c == CLOCK_MONOTONIC ? moved(t, *slept) : *t; return r_semclock(s, c, &o); }
int pthread_cond_clockwait(pthread_cond_t *a, pthread_mutex_t *b, clockid_t c, const struct timespec *t) {
  struct timespec o = c == CLOCK_MONOTONIC ? moved(t, *slept) : *t; return r_condclock(a, b, c, &o); }
int pthread_cond_timedwait(pthread_cond_t *a, pthread_mutex_t *b, const struct timespec *t) {
  struct timespec o = t->tv_sec < 100000000 ? moved(t, *slept) : *t; return r_condtimed(a, b, &o); }
