/* Preloaded: counts what the calling thread takes from the heap between `count_begin` and `count_end`. glibc only. */
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static __thread int counting;
static __thread size_t largest, calls;

static void note(size_t size)
{
    if (counting) {
        calls++;
        if (size > largest)
            largest = size;
    }
}

void *malloc(size_t size) { note(size); return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { note(count * size); return __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { note(size); return __libc_realloc(old, size); }
void *aligned_alloc(size_t align, size_t size) { note(size); return __libc_memalign(align, size); }
int posix_memalign(void **made, size_t align, size_t size)
{
    note(size);
    return (*made = __libc_memalign(align, size)) ? 0 : 12;
}

void count_begin(void) { largest = calls = 0; counting = 1; }
void count_end(void) { counting = 0; }
size_t count_largest(void) { return largest; }
size_t count_calls(void) { return calls; }
