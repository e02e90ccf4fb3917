/* Makes the disk fail at the n-th call, for tests: loaded with LD_PRELOAD, armed at run time.
 *
 * With a shadow folder it also keeps what each file and folder held when it was last synchronised:
 * what is left, at worst, when the power goes. Files are named there by their inode.
 *
 * Only calls on regular files and folders count, so that the pipe with the acknowledgements and
 * the standard streams go on working.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

static char shadow[4096];
void fault_shadow(const char *folder) { snprintf(shadow, sizeof shadow, "%s", folder); }

static void keep_file(int fd, const struct stat *about) {
    char link[64], draft[4200], name[4200];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    snprintf(draft, sizeof draft, "%s/draft", shadow);
    snprintf(name, sizeof name, "%s/f%lu", shadow, (unsigned long)about->st_ino);
    int from = open(link, O_RDONLY), to = open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (off_t left = about->st_size; left > 0;) {
        ssize_t done = sendfile(to, from, NULL, (size_t)left);
        if (done <= 0) break;
        left -= done;
    }
    close(from);
    close(to);
    syscall(SYS_rename, draft, name);
}

static void keep_folder(int fd, const struct stat *about) {
    char link[64], draft[4200], name[4200];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    snprintf(draft, sizeof draft, "%s/draft", shadow);
    snprintf(name, sizeof name, "%s/d%lu", shadow, (unsigned long)about->st_ino);
    FILE *list = fopen(draft, "w");
    DIR *folder = opendir(link);
    for (struct dirent *one; folder && list && (one = readdir(folder));)
        if (one->d_name[0] != '.' || (one->d_name[1] && one->d_name[1] != '.'))
            fprintf(list, "%lu %c %s\n", (unsigned long)one->d_ino, one->d_type == DT_DIR ? 'd' : 'f', one->d_name);
    if (folder) closedir(folder);
    if (list) fclose(list);
    syscall(SYS_rename, draft, name);
}

/* Keeps a file's inode from being given to another while this process lives. */
static void hold(const char *path) { if (shadow[0]) (void)!open(path, O_RDONLY | O_CLOEXEC); }

static void synchronised(int fd) {
    struct stat about;
    if (!shadow[0] || fstat(fd, &about)) return;
    if (S_ISREG(about.st_mode)) keep_file(fd, &about); else keep_folder(fd, &about);
}

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
#define WRITE(name, letter, args, call, half) \
    ssize_t name args { \
        REAL(name); \
        if (!on_disk(fd)) return real call; \
        if (strike(letter)) return -1; \
        if (torn()) { real half; raise(SIGKILL); } \
        ssize_t done = real call; after(); return done; \
    }
#define CALL(name, letter, guard, args, call, then) \
    int name args { \
        REAL(name); \
        if (!(guard)) return real call; \
        if (strike(letter)) return -1; \
        int done = real call; if (done == 0) { then; } after(); return done; \
    }

WRITE(write, 'p', (int fd, const void *data, size_t size), (fd, data, size), (fd, data, size / 2))
WRITE(pwrite, 'w', (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), (fd, data, size / 2, at))
WRITE(pwrite64, 'w', (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at), (fd, data, size / 2, at))
CALL(fsync, 's', on_disk(fd), (int fd), (fd), synchronised(fd))
CALL(fdatasync, 's', on_disk(fd), (int fd), (fd), synchronised(fd))
CALL(ftruncate, 't', on_disk(fd), (int fd, off_t size), (fd, size), (void)0)
CALL(ftruncate64, 't', on_disk(fd), (int fd, off64_t size), (fd, size), (void)0)
CALL(rename, 'r', (hold(to), 1), (const char *from, const char *to), (from, to), (void)0)
CALL(unlink, 'u', (hold(path), 1), (const char *path), (path), (void)0)
