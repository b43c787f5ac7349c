/* Stands between a process and its C library, and breaks the N-th file operation under one folder.
 *
 * Preloaded, it does nothing until the process calls nnrun_fault(). Every operation that changes files under `root` is
 * then noted in `ledger`, a file mapped into memory, so that the note outlives a kill and costs no operation of its own.
 * Those whose letter is among `kinds` are counted, and the N-th is broken as `mode` says:
 *
 *   count  never                        torn  a write: half of it is done, then the process dies
 *   kill   the process dies before it   once  "no space left on device"
 *                                       full  the same, and for ever; a write does its half first, as on a real disk
 *
 * Letters: c creates a file   o opens one to write    w writes    r renames   s syncs
 *          u unlinks          d makes a folder        t truncates l links
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum mode { OFF, COUNT, KILL, TORN, ONCE, FULL };
enum verdict { PASS, REFUSE, TEAR, SHORTEN };

/* What laboratory.py reads: two numbers, then a record an operation. */
#define RECORDS 16384
struct ledger {
    long counted;
    long noted;
    struct { char kind; char path[127]; } records[RECORDS];
};

static enum mode mode = OFF;
static long target;
static char letters[16], root[PATH_MAX];
static struct ledger *ledger;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static void die(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
}

int nnrun_fault(const char *name, long number, const char *kinds, const char *folder, const char *notes) {
    static const char *names[] = {"off", "count", "kill", "torn", "once", "full"};
    int file = (int)syscall(SYS_openat, AT_FDCWD, notes, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || syscall(SYS_ftruncate, file, (long)sizeof *ledger) < 0) return -1;
    ledger = mmap(NULL, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    syscall(SYS_close, file);
    if (ledger == MAP_FAILED || !realpath(folder, root) || strlen(kinds) >= sizeof letters) return -1;
    strcpy(letters, kinds);
    target = number;
    for (int index = 0; index < (int)(sizeof names / sizeof *names); index++)
        if (!strcmp(names[index], name)) {
            mode = index;
            return 0;
        }
    return -1;
}

static int under_root(const char *path) {
    size_t length = strlen(root);
    return !strncmp(path, root, length) && (path[length] == '/' || !path[length]);
}

static void note(char kind, const char *path) {
    long number = __atomic_fetch_add(&ledger->noted, 1, __ATOMIC_SEQ_CST);
    if (number >= RECORDS) return;
    const char *inside = path + strlen(root);
    snprintf(ledger->records[number].path, sizeof ledger->records[number].path, "%s", *inside ? inside + 1 : ".");
    ledger->records[number].kind = kind;
}

static enum verdict judge(char kind, const char *path) {
    if (!under_root(path)) return PASS;
    note(kind, path);
    if (!strchr(letters, kind)) return PASS;
    long number = __atomic_add_fetch(&ledger->counted, 1, __ATOMIC_SEQ_CST);
    if (number < target || (number > target && mode != FULL)) return PASS;
    if (mode == KILL) die();
    if (mode == TORN) return TEAR;
    if (mode == FULL && number == target && kind == 'w') return SHORTEN;
    if (mode == ONCE || mode == FULL) {
        errno = ENOSPC;
        return REFUSE;
    }
    return PASS;
}

/* The verdict on an operation on a path, which may be relative to a folder's descriptor. */
static enum verdict judge_path(char kind, int folder, const char *path) {
    char whole[2 * PATH_MAX], link[64];
    if (mode == OFF || !path) return PASS;
    int kept = errno;
    if (*path == '/') {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        ssize_t length = -1;
        snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        length = readlink(link, whole, PATH_MAX);
        if (length >= 0) snprintf(whole + length, sizeof whole - (size_t)length, "/%s", path);
        else *whole = 0;
    }
    errno = kept;
    return judge(kind, whole);
}

/* The verdict on an operation on an open file. */
static enum verdict judge_file(char kind, int file) {
    char link[64], path[PATH_MAX];
    if (mode == OFF) return PASS;
    int kept = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = kept;
    if (length < 0) return PASS;
    path[length] = 0;
    return judge(kind, path);
}

static int exists(int folder, const char *path) {
    struct stat found;
    int kept = errno, is_there = syscall(SYS_newfstatat, folder, path, &found, AT_SYMLINK_NOFOLLOW) == 0;
    errno = kept;
    return is_there;
}

static enum verdict judge_open(int folder, const char *path, int flags) {
    if (mode == OFF || (flags & O_ACCMODE) == O_RDONLY) return PASS;
    return judge_path((flags & O_CREAT) && !exists(folder, path) ? 'c' : 'o', folder, path);
}

/* An old name that goes; to take away what is not there changes nothing. */
static enum verdict judge_old(int folder, const char *path) {
    return mode == OFF || !exists(folder, path) ? PASS : judge_path('u', folder, path);
}

/* A new name, which a full disk refuses; one that is taken is refused for that, whatever the disk. */
static enum verdict judge_new(char kind, int folder, const char *path) {
    return mode == OFF || exists(folder, path) ? PASS : judge_path(kind, folder, path);
}

#define OPEN(name, parameters, folder, call) \
    int name parameters { \
        REAL(name); \
        mode_t permissions = 0; \
        if (flags & (O_CREAT | __O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            permissions = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        return judge_open(folder, path, flags) == REFUSE ? -1 : real call; \
    }
OPEN(open, (const char *path, int flags, ...), AT_FDCWD, (path, flags, permissions))
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD, (path, flags, permissions))
OPEN(openat, (int folder, const char *path, int flags, ...), folder, (folder, path, flags, permissions))
OPEN(openat64, (int folder, const char *path, int flags, ...), folder, (folder, path, flags, permissions))

/* The same without permissions, as a compiler's checks call them. */
#define PLAIN_OPEN(name, parameters, folder, call) \
    int name parameters; \
    int name parameters { \
        REAL(name); \
        return judge_open(folder, path, flags) == REFUSE ? -1 : real call; \
    }
PLAIN_OPEN(__open_2, (const char *path, int flags), AT_FDCWD, (path, flags))
PLAIN_OPEN(__open64_2, (const char *path, int flags), AT_FDCWD, (path, flags))
PLAIN_OPEN(__openat_2, (int folder, const char *path, int flags), folder, (folder, path, flags))
PLAIN_OPEN(__openat64_2, (int folder, const char *path, int flags), folder, (folder, path, flags))

#define CREAT(name) \
    int name(const char *path, mode_t permissions) { \
        REAL(name); \
        return judge_open(AT_FDCWD, path, O_WRONLY | O_CREAT) == REFUSE ? -1 : real(path, permissions); \
    }
CREAT(creat)
CREAT(creat64)

#define FOPEN(name) \
    FILE *name(const char *path, const char *how) { \
        REAL(name); \
        int flags = strpbrk(how, "wa") ? O_WRONLY | O_CREAT : strchr(how, '+') ? O_WRONLY : O_RDONLY; \
        return judge_open(AT_FDCWD, path, flags) == REFUSE ? NULL : real(path, how); \
    }
FOPEN(fopen)
FOPEN(fopen64)

/* Writes: `half` does half of it and is what a torn or shortened write comes to. */
#define WRITE(name, parameters, file, half, call) \
    ssize_t name parameters { \
        REAL(name); \
        enum verdict verdict = judge_file('w', file); \
        if (verdict == REFUSE) return -1; \
        if (verdict == PASS) return real call; \
        ssize_t done = real half; \
        if (verdict == TEAR) die(); \
        return done; \
    }
WRITE(write, (int file, const void *data, size_t size), file, (file, data, size / 2), (file, data, size))
WRITE(pwrite, (int file, const void *data, size_t size, off_t place), file, (file, data, size / 2, place),
      (file, data, size, place))
WRITE(pwrite64, (int file, const void *data, size_t size, off64_t place), file, (file, data, size / 2, place),
      (file, data, size, place))
WRITE(sendfile, (int file, int from, off_t *place, size_t size), file, (file, from, place, size / 2),
      (file, from, place, size))
WRITE(sendfile64, (int file, int from, off64_t *place, size_t size), file, (file, from, place, size / 2),
      (file, from, place, size))
WRITE(copy_file_range, (int from, off64_t *start, int file, off64_t *place, size_t size, unsigned flags), file,
      (from, start, file, place, size / 2, flags), (from, start, file, place, size, flags))
WRITE(writev, (int file, const struct iovec *parts, int count), file,
      (file, &(struct iovec){parts->iov_base, parts->iov_len / 2}, 1), (file, parts, count))

#define CHANGE(name, parameters, verdict, call) \
    int name parameters { \
        REAL(name); \
        return (verdict) == REFUSE ? -1 : real call; \
    }
CHANGE(rename, (const char *from, const char *to), judge_path('r', AT_FDCWD, to), (from, to))
CHANGE(renameat, (int here, const char *from, int there, const char *to), judge_path('r', there, to),
       (here, from, there, to))
CHANGE(renameat2, (int here, const char *from, int there, const char *to, unsigned flags), judge_path('r', there, to),
       (here, from, there, to, flags))
CHANGE(fsync, (int file), judge_file('s', file), (file))
CHANGE(fdatasync, (int file), judge_file('s', file), (file))
CHANGE(unlink, (const char *path), judge_old(AT_FDCWD, path), (path))
CHANGE(unlinkat, (int folder, const char *path, int flags), judge_old(folder, path), (folder, path, flags))
CHANGE(rmdir, (const char *path), judge_old(AT_FDCWD, path), (path))
CHANGE(mkdir, (const char *path, mode_t permissions), judge_new('d', AT_FDCWD, path), (path, permissions))
CHANGE(mkdirat, (int folder, const char *path, mode_t permissions), judge_new('d', folder, path),
       (folder, path, permissions))
CHANGE(ftruncate, (int file, off_t size), judge_file('t', file), (file, size))
CHANGE(ftruncate64, (int file, off64_t size), judge_file('t', file), (file, size))
CHANGE(truncate, (const char *path, off_t size), judge_path('t', AT_FDCWD, path), (path, size))
CHANGE(truncate64, (const char *path, off64_t size), judge_path('t', AT_FDCWD, path), (path, size))
CHANGE(symlink, (const char *to, const char *path), judge_new('l', AT_FDCWD, path), (to, path))
CHANGE(symlinkat, (const char *to, int folder, const char *path), judge_new('l', folder, path), (to, folder, path))
CHANGE(link, (const char *from, const char *to), judge_new('l', AT_FDCWD, to), (from, to))
