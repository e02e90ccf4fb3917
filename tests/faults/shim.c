/* Makes the disk fail at the n-th call, for tests: loaded with LD_PRELOAD, armed at run time.
 *
 * Only calls on regular files and folders count, so that the pipe with the acknowledgements and
 * the standard streams go on working.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { NONE, FAIL_IO, FAIL_SPACE, KILL_BEFORE, KILL_AFTER, TEAR, FAIL_SPACE_EVER };

static int mode = NONE;
static long target, seen, hit;
static char kinds[1 << 16]; /* one letter a call, so that the test can say what it struck */

void fault_arm(long at, int how) { mode = how; target = at; seen = 0; hit = 0; }
long fault_seen(void) { return seen; }
long fault_hit(void) { return hit; }
const char *fault_kinds(void) { kinds[seen < (long)sizeof kinds ? seen : (long)sizeof kinds - 1] = 0; return kinds; }

static int on_disk(int fd) {
    struct stat about;
    int saved = errno, known = fstat(fd, &about);
    errno = saved;
    return known == 0 && (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode));
}

/* Returns 1 when the call must fail, with errno set; may not return at all. */
static int strike(char kind) {
    if (mode == NONE && target == 0) return 0;
    if (seen < (long)sizeof kinds - 1) kinds[seen] = kind;
    seen++;
    if (seen != target && !(mode == FAIL_SPACE_EVER && seen > target)) return 0;
    hit++;
    if (mode == KILL_BEFORE) raise(SIGKILL);
    if (mode == FAIL_IO) { errno = EIO; return 1; }
    if (mode == FAIL_SPACE || mode == FAIL_SPACE_EVER) { errno = ENOSPC; return 1; }
    return 0;
}

static void after(void) { if (seen == target && mode == KILL_AFTER) raise(SIGKILL); }
static int torn(void) { return seen == target && mode == TEAR; }

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define WRITE(name, args, call, half) \
    ssize_t name args { \
        REAL(name); \
        if (!on_disk(fd)) return real call; \
        if (strike('w')) return -1; \
        if (torn()) { real half; raise(SIGKILL); } \
        ssize_t done = real call; after(); return done; \
    }
#define CALL(name, letter, guard, args, call) \
    int name args { \
        REAL(name); \
        if (!(guard)) return real call; \
        if (strike(letter)) return -1; \
        int done = real call; after(); return done; \
    }

WRITE(write, (int fd, const void *data, size_t size), (fd, data, size), (fd, data, size / 2))
WRITE(pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), (fd, data, size / 2, at))
WRITE(pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at), (fd, data, size / 2, at))
CALL(fsync, 's', on_disk(fd), (int fd), (fd))
CALL(fdatasync, 's', on_disk(fd), (int fd), (fd))
CALL(ftruncate, 't', on_disk(fd), (int fd, off_t size), (fd, size))
CALL(ftruncate64, 't', on_disk(fd), (int fd, off64_t size), (fd, size))
CALL(rename, 'r', 1, (const char *from, const char *to), (from, to))
CALL(unlink, 'u', 1, (const char *path), (path))
