/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/boot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "dom/xen_files.h"

enum { LIMIT_MS = 120000, RESULT_MAX = 65536, ARGS_MAX = 64 };

#define DIR_PREFIX  "boot-"
#define RESULT_FILE "result"
#define PYGRUB      "pygrub"
/* What runs without privileges has a user for that, as libxl has it. */
#define PLAIN_USER "xen-qemuuser-shared"

/* ---- the program ---- */

static char *runnable(char *file)
{
    if (file && access(file, X_OK) == 0)
        return file;
    free(file);
    return NULL;
}

static char *in_path(const char *name)
{
    const char *path = getenv("PATH");
    char *AUTO_FREE copy = strdup(path ? path : "/usr/bin:/bin"), *rest = copy, *file = NULL;

    for (char *dir = strsep(&rest, ":"); dir && !file; dir = strsep(&rest, ":"))
        file = *dir ? runnable(str_format("%s/%s", dir, name)) : NULL;
    return file;
}

/* Old configs have the path that pygrub had in its first years. */
static int find_program(struct host *h, const char *told, char **ret, struct domo_err *err)
{
    char *file;

    if (str_eq(told, "/usr/bin/" PYGRUB) && access(told, X_OK) != 0)
        told = PYGRUB;
    if (strchr(told, '/')) {
        file = runnable(strdup(told));
    } else {
        if (xen_file_find(h, "bin", told, &file, err))
            return -1;
        if (!file)
            file = in_path(told);
    }
    if (file) {
        *ret = file;
        return 0;
    }
    (void)err_set(err, DOMO_E_BOOTLOADER, "there is no bootloader '%s' on this host", told);
    return err_hint(err, "pygrub comes with Xen's tools (package xen-utils); or give the kernel with kernel=");
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* ---- what can be known before ---- */

static int refuse_disk(const struct disk_spec *d, const char *what, struct domo_err *err)
{
    (void)err_set(err, DOMO_E_UNSUPPORTED, "a bootloader can't read disk %s: %s", d ? d->vdev : "xvda", what);
    return err_hint(err,
                    "it reads a raw image or a block device of this host; give the kernel with kernel=, or convert "
                    "the image with qemu-img convert -O raw");
}

int boot_check(struct host *h, const struct spec *s, struct domo_err *err)
{
    const struct disk_spec *d = s->disks.len ? &s->disks.at[0] : NULL;
    char *AUTO_FREE program = NULL;

    if (!d) {
        (void)err_set(err, DOMO_E_CONFIG_CONFLICT, "the bootloader has no disk to look into");
        return err_hint(err, "name the guest's disk with disk=, its system's first");
    }
    if (!d->target)
        return refuse_disk(d, "it is an empty drive", err);
    if (d->format != DISK_FORMAT_RAW)
        return refuse_disk(d, "its image has another format than raw", err);
    if (d->backend && !str_eq(d->backend, "0") && !str_eq(d->backend, "Domain-0"))
        return refuse_disk(d, "it is another domain's", err);
    if (d->script)
        return refuse_disk(d, "it is there only when its script was run", err);
    return find_program(h, s->bootloader, &program, err);
}

/* ---- start ---- */

static int make_dir(struct host *h, struct boot *b, struct domo_err *err)
{
    char *AUTO_FREE result = NULL;
    int AUTO_CLOSE fd = -1;
    int r = fs_mkdirs(h->paths.own_run, 0700);

    if (r < 0)
        return err_sys(err, DOMO_E_IO, -r, "can't make the directory '%s'", h->paths.own_run);
    (void)snprintf(b->dir, sizeof b->dir, "%s/" DIR_PREFIX "XXXXXX", h->paths.own_run);
    if (!mkdtemp(b->dir)) {
        b->dir[0] = '\0';
        return err_sys(err, DOMO_E_IO, errno, "can't make a directory in '%s'", h->paths.own_run);
    }
    b->dir_fd = open(b->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    result = str_format("%s/" RESULT_FILE, b->dir);
    if (!result)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (b->dir_fd >= 0 && flock(b->dir_fd, LOCK_EX | LOCK_NB) == 0)
        fd = open(result, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd < 0 ? err_sys(err, DOMO_E_IO, errno, "can't write to '%s'", b->dir) : 0;
}

struct words {
    char *at[ARGS_MAX + 12];
    size_t n;
    bool failed;
};

PRINTF_LIKE(2, 3) static void add(struct words *w, const char *fmt, ...)
{
    char *word = NULL;
    va_list args;

    va_start(args, fmt);
    if (w->n >= ARRAY_LEN(w->at) - 1 || vasprintf(&word, fmt, args) < 0)
        w->failed = true;
    else
        w->at[w->n++] = word;
    va_end(args);
}

static void words_fini(struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->at[i]);
}

/* As whom a bootloader runs that may do nothing: 0 if it may, as root. */
static int find_user(const struct spec *s, uid_t *ret, struct domo_err *err)
{
    const char *name = s->bootloader_user ? s->bootloader_user : PLAIN_USER;
    const struct passwd *user;

    *ret = 0;
    if (!s->bootloader_restrict && !s->bootloader_user)
        return 0;
    user = getpwnam(name);
    if (user && user->pw_uid) {
        *ret = user->pw_uid;
        return 0;
    }
    (void)err_set(err, DOMO_E_BOOTLOADER,
                  user ? "the bootloader is to run without privileges, which '%s' has"
                       : "there is no user '%s' to run the bootloader as",
                  name);
    return err_hint(err, "make a user for it, and name it with bootloader_user=");
}

static int compose(const struct spec *s, const struct boot *b, uid_t uid, struct words *w, struct domo_err *err)
{
    add(w, "%s", b->program);
    if (s->kernel)
        add(w, "--kernel=%s", s->kernel);
    if (s->ramdisk)
        add(w, "--ramdisk=%s", s->ramdisk);
    if (s->cmdline)
        add(w, "--args=%s", s->cmdline);
    if (uid)
        add(w, "--runas=%jd", (intmax_t)uid);
    if (uid || str_eq(base_name(b->program), PYGRUB))
        add(w, "--quiet");
    add(w, "--output=%s/" RESULT_FILE, b->dir);
    add(w, "--output-format=simple0");
    add(w, "--output-directory=%s", b->dir);
    for (size_t i = 0; i < s->bootloader_args.len; i++)
        add(w, "%s", s->bootloader_args.at[i]);
    add(w, "%s", s->disks.at[0].target);
    if (!w->failed)
        return 0;
    if (s->bootloader_args.len > ARGS_MAX)
        return err_set(err, DOMO_E_CONFIG_VALUE, "bootloader_args has more than %d words", ARGS_MAX);
    return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

int boot_start(struct host *h, const struct spec *s, struct boot *b, struct domo_err *err)
{
    struct words w = {.n = 0};
    uid_t uid;
    int r = boot_check(h, s, err) || find_program(h, s->bootloader, &b->program, err) || find_user(s, &uid, err) ||
            make_dir(h, b, err) || compose(s, b, uid, &w, err);

    if (!r) {
        const struct os_script script = {.path = b->program, .argv = (const char *const *)w.at};

        r = h->os->script_start(h, &script, &b->child, err);
    }
    words_fini(&w);
    if (r)
        return -1;
    b->running = true;
    b->limit_ms = LIMIT_MS;
    b->began_ms = h->env->now_ms(h);
    return 0;
}

/* ---- what it found ---- */

PRINTF_LIKE(3, 4) static int fail(const struct boot *b, struct domo_err *err, const char *fmt, ...)
{
    char what[ERR_MSG_MAX];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    (void)err_set(err, DOMO_E_BOOTLOADER, "the bootloader '%s' %s", b->program, what);
    if (b->child.tail_len)
        (void)err_fact(err, "output", "%.*s", (int)b->child.tail_len, b->child.tail);
    return -1;
}

/* The file stays as long as somebody has it open. */
static int take_file(const struct boot *b, const char *path, int *ret_fd, char ret[32], struct domo_err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            (void)close(fd);
        return fail(b, err, "names a file that can't be read: '%.200s'", path);
    }
    *ret_fd = fd;
    (void)snprintf(ret, 32, "/proc/self/fd/%d", fd);
    return 0;
}

/* "WORD VALUE", each ended by a NUL; an empty one is the end. */
static int take(struct boot *b, const char *item, struct domo_err *err)
{
    const char *value = strchr(item, ' ');
    size_t len = value ? (size_t)(value - item) : strlen(item);

    value = value ? value + 1 : "";
    if (len == strlen("kernel") && !strncmp(item, "kernel", len))
        return b->kernel_fd >= 0 ? fail(b, err, "names two kernels")
                                 : take_file(b, value, &b->kernel_fd, b->kernel, err);
    if (len == strlen("ramdisk") && !strncmp(item, "ramdisk", len))
        return b->ramdisk_fd >= 0 ? fail(b, err, "names two ramdisks")
                                  : take_file(b, value, &b->ramdisk_fd, b->ramdisk, err);
    if (len != strlen("args") || strncmp(item, "args", len) != 0)
        return fail(b, err, "says something that is not understood: '%.100s'", item);
    free(b->cmdline);
    b->cmdline = strdup(value);
    return b->cmdline ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

static int read_result(struct boot *b, struct domo_err *err)
{
    char *AUTO_FREE path = str_format("%s/" RESULT_FILE, b->dir), *AUTO_FREE text = NULL;
    size_t len = 0;
    int r = path ? fs_read(path, RESULT_MAX, &text, &len) : -ENOMEM;

    if (r < 0)
        return err_sys(err, DOMO_E_BOOTLOADER, -r, "can't read what the bootloader '%s' found", b->program);
    for (const char *item = text; item < text + len && *item; item += strlen(item) + 1)
        if (take(b, item, err))
            return -1;
    return b->kernel_fd < 0 ? fail(b, err, "found no kernel") : 0;
}

/* ---- the end ---- */

static void remove_dir(const char *dir)
{
    DIR *d = opendir(dir);
    const struct dirent *e;

    while (d && (e = readdir(d)))
        if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
            (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        (void)closedir(d);
    (void)rmdir(dir);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void drop_dir(struct boot *b)
{
    if (b->dir[0])
        remove_dir(b->dir);
    b->dir[0] = '\0';
    close_fd(&b->dir_fd);
}

static int judge(struct boot *b, bool late, int status, struct domo_err *err)
{
    if (late)
        return fail(b, err, "did not end within %" PRId64 " s and was killed", b->limit_ms / 1000);
    if (!WIFEXITED(status))
        return fail(b, err, "was killed by signal %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    if (WEXITSTATUS(status))
        return fail(b, err, "failed with exit status %d", WEXITSTATUS(status));
    return read_result(b, err);
}

static void want(struct op *op, int fd)
{
    if (fd < 0 || op->n_fds >= PLAN_FDS_MAX)
        return;
    op->fds[op->n_fds].fd = fd;
    op->fds[op->n_fds++].events = POLLIN;
}

enum plan_wait boot_wait(struct op *op, struct boot *b, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct host *h = op->host;
    bool late = now_ms >= b->began_ms + b->limit_ms, ended = false;
    int status = 0, r;

    op->n_fds = 0;
    if (h->os->script_collect(h, &b->child, late, &ended, &status, err)) {
        b->running = false;
        return PLAN_FAILED;
    }
    if (!ended && !late) {
        want(op, b->child.pidfd);
        want(op, b->child.out_fd);
        *ret_deadline_ms = b->began_ms + b->limit_ms;
        return PLAN_AGAIN;
    }
    b->running = false;
    r = judge(b, late && !(ended && WIFEXITED(status)), status, err);
    drop_dir(b);
    return r ? PLAN_FAILED : PLAN_DONE;
}

void boot_fini(struct host *h, struct boot *b)
{
    bool ended;
    int status;

    if (b->running)
        (void)h->os->script_collect(h, &b->child, true, &ended, &status, NULL);
    b->running = false;
    drop_dir(b);
    close_fd(&b->kernel_fd);
    close_fd(&b->ramdisk_fd);
    free(b->program);
    free(b->cmdline);
    b->program = b->cmdline = NULL;
    b->kernel[0] = b->ramdisk[0] = '\0';
}

void boot_sweep(struct host *h, bool (*found)(void *arg, const char *dir), void *arg)
{
    DIR *d = opendir(h->paths.own_run);
    const struct dirent *e;

    while (d && (e = readdir(d))) {
        char *AUTO_FREE dir = strncmp(e->d_name, DIR_PREFIX, strlen(DIR_PREFIX)) == 0
                                  ? str_format("%s/%s", h->paths.own_run, e->d_name)
                                  : NULL;
        int AUTO_CLOSE fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) : -1;

        /* Whoever runs it holds the lock. */
        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
            continue;
        if (found(arg, dir))
            remove_dir(dir);
    }
    if (d)
        (void)closedir(d);
}
