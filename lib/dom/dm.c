/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/dm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "dev/uuid_text.h"
#include "dom/dm_stock.h"

enum {
    START_MS = 60000, /* libxl's limit */
    ANSWER_MS = 10000,
    QUIT_MS = 1000, /* one that does not hear is killed */
    LOG_TAIL_MAX = 1024,
    LOGS_KEPT = 10,
    PATH_BYTES = 512
};

#define FILE_PREFIX "dm-"
#define LOG_MARK    "domo: starts the device model of "

struct dm_files {
    char pid[PATH_BYTES], monitor[PATH_BYTES];
};

/* They fit: the directory has at most 255 bytes, the UUID 36. */
static struct dm_files files_of(const struct host *h, const char *uuid)
{
    struct dm_files f = {.pid = ""};

    (void)snprintf(f.pid, sizeof f.pid, "%s/" FILE_PREFIX "%s.pid", h->paths.own_run, uuid);
    (void)snprintf(f.monitor, sizeof f.monitor, "%s/" FILE_PREFIX "%s.qmp", h->paths.own_run, uuid);
    return f;
}

static void log_of(const struct host *h, const char *name, char ret[PATH_BYTES])
{
    (void)snprintf(ret, PATH_BYTES, "%s/qemu-dm-%s.log", h->paths.log, name);
}

/* ---- the log ---- */

/* Each device model has a log of its own; of those before it some are kept, as libxl does. What can't be renamed stays
 * in front of the new one's words. */
static void rotate_log(const char *path)
{
    char from[PATH_BYTES + 8], to[PATH_BYTES + 8];

    if (access(path, F_OK) < 0)
        return;
    for (int i = LOGS_KEPT; i > 0; i--) {
        (void)snprintf(to, sizeof to, "%s.%d", path, i);
        (void)snprintf(from, sizeof from, "%s.%d", path, i - 1);
        IGNORE(rename(i > 1 ? from : path, to));
    }
}

/* The mark says where the words of this guest's begin. */
static int mark_log(const char *path, const char *uuid, struct domo_err *err)
{
    char *AUTO_FREE line = str_format("%s%s\n", LOG_MARK, uuid);
    int AUTO_CLOSE fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r = fd < 0 ? -errno : line ? fs_write_all(fd, line, strlen(line)) : -ENOMEM;

    return r < 0 ? err_sys(err, DOMO_E_IO, -r, "can't write the log '%s'", path) : 0;
}

/* What QEMU says when all is well: no reason for anything. */
static bool is_chatter(const char *line)
{
    static const char *const words[] = {"VNC server running on ", "char device redirected to "};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(line, words[i]))
            return true;
    return false;
}

static void drop_chatter(char *text)
{
    char *to = text, *rest = text;

    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        size_t len = strlen(line);

        if (is_chatter(line))
            continue;
        memmove(to, line, len);
        to += len;
        *to++ = '\n';
    }
    if (to > text)
        to--;
    *to = '\0';
}

/* The last bytes of the log, from the mark on, printable and without line ends at its end. */
static void log_tail(const char *path, char ret[LOG_TAIL_MAX + 1])
{
    int AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    char *mark;
    ssize_t n = 0;

    if (fd >= 0 && fstat(fd, &st) == 0)
        n = pread(fd, ret, LOG_TAIL_MAX, st.st_size > LOG_TAIL_MAX ? st.st_size - LOG_TAIL_MAX : 0);
    ret[n > 0 ? n : 0] = '\0';
    while ((mark = strstr(ret, LOG_MARK))) {
        const char *rest = strchr(mark, '\n');

        if (rest)
            memmove(ret, rest + 1, strlen(rest + 1) + 1);
        else
            ret[0] = '\0';
    }
    drop_chatter(ret);
    for (char *p = ret; *p; p++)
        if ((unsigned char)*p < ' ' && *p != '\n')
            *p = '?';
    while (ret[0] && ret[strlen(ret) - 1] == '\n')
        ret[strlen(ret) - 1] = '\0';
}

/* What it has said so far may tell why it does not do what it should. */
static void add_log(const struct host *h, const char *name, struct domo_err *err)
{
    char path[PATH_BYTES], tail[LOG_TAIL_MAX + 1];

    log_of(h, name, path);
    log_tail(path, tail);
    (void)err_fact(err, "device-model-log", "%s", tail[0] ? tail : "(empty)");
    (void)err_hint(err, "its whole log is '%s'", path);
}

/* "It has ended" becomes the reason that it gave. */
static int explain_end(const struct host *h, const char *name, const char *what, struct domo_err *err)
{
    char path[PATH_BYTES], tail[LOG_TAIL_MAX + 1];
    const char *last;

    log_of(h, name, path);
    log_tail(path, tail);
    last = strrchr(tail, '\n') ? strrchr(tail, '\n') + 1 : tail;
    if (last[0])
        (void)err_set(err, DOMO_E_DEVICE_MODEL, "%s: %.300s", what, last);
    else
        (void)err_set(err, DOMO_E_DEVICE_MODEL, "%s without a word", what);
    (void)err_fact(err, "device-model-log", "%s", tail[0] ? tail : "(empty)");
    return err_hint(err, "its whole log is '%s'", path);
}

/* ---- what it says about a device ---- */

int64_t dm_log_size(const struct host *h, const char *name)
{
    char path[PATH_BYTES];
    struct stat st;

    log_of(h, name, path);
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* QEMU names a device it can't make by kind and number, its older back ends begin each line so. */
static const char *find_complaint(char *text, const char *back_name, uint32_t devid)
{
    char *AUTO_FREE made = str_format("failed to create '%s' device '%" PRIu32 "'", back_name, devid);
    char *AUTO_FREE older = str_format("%s-%" PRIu32 ": ", back_name, devid);
    char *rest = text;

    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        if ((made && strstr(line, made)) || (older && strstr(line, older)))
            return line;
    return NULL;
}

int dm_check_device(struct host *h, const char *uuid, const char *name, int64_t from, const char *back_name,
                    uint32_t devid, struct domo_err *err)
{
    char path[PATH_BYTES], text[LOG_TAIL_MAX + 1];
    const char *line;
    ssize_t n = 0;
    int fd;

    if (str_eq(dm_state(h, uuid), "ended"))
        return explain_end(h, name, "the device model has ended", err);
    log_of(h, name, path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        n = pread(fd, text, LOG_TAIL_MAX, (off_t)from);
        (void)close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    line = find_complaint(text, back_name, devid);
    if (!line)
        return 0;
    /* It locks the images that it serves. */
    (void)err_set(err, strstr(line, " lock") ? DOMO_E_DISK_SHARED : DOMO_E_DEVICE_MODEL,
                  "the device model refused the device: %.300s", line);
    return err_hint(err, "its whole log is '%s'", path);
}

/* ---- the monitor ---- */

/* Connects, watching the process so that its end is noticed even while it has told nothing. */
static int open_monitor(struct host *h, const struct os_daemon *d, const char *path, int64_t timeout_ms,
                        struct qmp **ret, struct domo_err *err)
{
    struct qmp_options opt = {.timeout_ms = timeout_ms, .end_fd = -1};

    if (h->os->daemon_watch(h, d, &opt.end_fd, err))
        return -1;
    if (opt.end_fd < 0)
        return err_set(err, DOMO_E_DEVICE_MODEL, "the device model has ended");
    return qmp_open(h, path, &opt, ret, err);
}

/* Stopped before the first instruction, or already at it. */
static int check_ready(struct qmp *q, struct domo_err *err)
{
    static const char *const good[] = {"prelaunch", "paused", "running"};
    struct json *AUTO_JSON answer = NULL;
    const char *status;

    if (qmp_call(q, "query-status", NULL, &answer, err))
        return -1;
    status = json_get_str(answer, "status", "?");
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (str_eq(status, good[i]))
            return 0;
    return err_set(err, DOMO_E_DEVICE_MODEL, "the device model is not ready, its state is '%s'", status);
}

/* ---- start ---- */

static int make_folders(const struct host *h, struct domo_err *err)
{
    const char *const folders[] = {h->paths.own_run, h->paths.log};

    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        int r = fs_mkdirs(folders[i], 0700);

        if (r < 0)
            return err_sys(err, DOMO_E_IO, -r, "can't make the directory '%s'", folders[i]);
    }
    return 0;
}

/* "NAME=value" for a key of the screen; NULL if it is not given. Caller frees. */
static char *env_of(const struct dev_spec *screen, const char *name, const char *key)
{
    const char *value = screen ? dev_spec_get(screen, key) : NULL;

    return value ? str_format("%s=%s", name, value) : NULL;
}

static int spawn(struct host *h, const struct dm_guest *g, const struct dm_files *files, const char *log,
                 struct os_daemon *ret, struct domo_err *err)
{
    struct dm_argv argv = {.failed = false};
    const struct dev_spec *screen = dm_screen(g);
    char *AUTO_FREE display = env_of(screen, "DISPLAY", "display");
    char *AUTO_FREE authority = env_of(screen, "XAUTHORITY", "xauthority");
    /* How much of a console's output is kept while nobody reads it; libxl's limit. */
    const char *env[4] = {"XEN_QEMU_CONSOLE_LIMIT=1048576"};
    size_t n = 1;
    struct os_daemon_new new = {
        .env = env,
        .program = g->host->program,
        .pid_path = files->pid,
        .log_path = log,
        .listen_path = files->monitor,
        .confined = g->jail && g->jail->restricts,
    };
    int r;

    if (display)
        env[n++] = display;
    if (authority)
        env[n++] = authority;
    if (dm_argv_make(g, &argv, err))
        return -1;
    new.argv = (const char *const *)argv.words.at;
    r = h->os->daemon_start(h, &new, ret, err);
    dm_argv_fini(&argv);
    return r;
}

int dm_start(struct host *h, const struct dm_guest *g, struct qmp **ret, struct domo_err *err)
{
    char log[PATH_BYTES];
    const struct dm_files files = files_of(h, g->uuid);
    struct os_daemon d;
    struct qmp *q = NULL;

    log_of(h, g->name, log);
    if (make_folders(h, err) || dm_stop(h, g->uuid, err) || (g->jail && dm_jail_make(g->jail, err)))
        return -1;
    rotate_log(log);
    if (mark_log(log, g->uuid, err) || spawn(h, g, &files, log, &d, err))
        return -1;
    if (open_monitor(h, &d, files.monitor, g->start_ms ? g->start_ms : START_MS, &q, err) || check_ready(q, err)) {
        (void)qmp_close(q);
        if (err && err->code == DOMO_E_DEVICE_MODEL)
            return explain_end(h, g->name, "the device model ended while it started", err);
        add_log(h, g->name, err);
        return -1;
    }
    *ret = q;
    return 0;
}

/* ---- a running one ---- */

int dm_open(struct host *h, const struct guest *g, struct qmp **ret, struct domo_err *err)
{
    struct domo_err e = DOMO_ERR_INIT;
    const struct dm_files files = files_of(h, g->uuid);
    struct os_daemon d;
    bool runs = false, is_stock = false;

    if (h->os->daemon_find(h, files.pid, &d, &runs, err))
        return -1;
    if (!runs && !dm_exists(h, g->uuid) && dm_stock_find(h, g->info.domid, g->uuid, &d, &is_stock, err))
        return -1;
    if (is_stock)
        return dm_stock_open(h, g->info.domid, g->uuid, &d, ret, err);
    if (runs && open_monitor(h, &d, files.monitor, ANSWER_MS, ret, &e) == 0)
        return 0;
    if (!runs || e.code == DOMO_E_DEVICE_MODEL) {
        char *AUTO_FREE what = str_format("the device model of '%s' has ended", g->name);

        (void)explain_end(h, g->name, what ? what : "", err);
        return err_hint(err, "the guest can't go on: destroy it, and create it again");
    }
    if (err)
        *err = e;
    return -1;
}

bool dm_exists(const struct host *h, const char *uuid)
{
    const struct dm_files files = files_of(h, uuid);

    return access(files.pid, F_OK) == 0;
}

const char *dm_state(struct host *h, const char *uuid)
{
    const struct dm_files files = files_of(h, uuid);
    struct os_daemon d;
    bool runs = false;

    if (h->os->daemon_find(h, files.pid, &d, &runs, NULL) == 0 && runs)
        return "running";
    return dm_exists(h, uuid) ? "ended" : "none";
}

/* A request that is heard lets it close its files; there is no answer to wait for but its end. */
static void ask_to_quit(struct host *h, const struct os_daemon *d, const char *monitor)
{
    struct pollfd end = {.fd = -1, .events = POLLIN};
    struct qmp *q = NULL;

    if (open_monitor(h, d, monitor, QUIT_MS, &q, NULL))
        return;
    if (qmp_call(q, "quit", NULL, NULL, NULL) == 0 && h->os->daemon_watch(h, d, &end.fd, NULL) == 0 && end.fd >= 0) {
        IGNORE(h->env->wait(h, &end, 1, h->env->now_ms(h) + QUIT_MS, NULL));
        (void)close(end.fd);
    }
    (void)qmp_close(q);
}

static int remove_files(const struct dm_files *files, struct domo_err *err)
{
    if ((unlink(files->monitor) < 0 && errno != ENOENT) || (unlink(files->pid) < 0 && errno != ENOENT))
        return err_sys(err, DOMO_E_IO, errno, "can't remove '%s'", files->pid);
    return 0;
}

/* Its pid file is damaged, so there is no process that could be killed without doubt. Who listens on its monitor, in a
 * directory of ours, is it: it is asked to quit, and has ended when the monitor closes or nobody listens there. */
static int stop_unnamed(struct host *h, const struct dm_files *files, struct domo_err *err)
{
    struct qmp_options opt = {.timeout_ms = QUIT_MS, .end_fd = -1};
    struct domo_err e = DOMO_ERR_INIT;
    struct qmp *q = NULL;

    if (qmp_open(h, files->monitor, &opt, &q, &e) == 0) {
        IGNORE(qmp_call(q, "quit", NULL, NULL, NULL));
        IGNORE(qmp_call(q, "query-status", NULL, NULL, &e));
        (void)qmp_close(q);
    }
    if (e.code == DOMO_E_DEVICE_MODEL)
        return 0;
    if (e.code == DOMO_E_CANCELLED) {
        if (err)
            *err = e;
        return -1;
    }
    (void)err_set(err, DOMO_E_BAD_STATE_FILE,
                  "the pid file '%s' is damaged, and the device model does not end when it is asked to", files->pid);
    return err_hint(err, "find its process by the guest's UUID, end it, and remove the file");
}

int dm_stop(struct host *h, const char *uuid, struct domo_err *err)
{
    const struct dm_files files = files_of(h, uuid);
    struct domo_err e = DOMO_ERR_INIT;
    struct os_daemon d = {.pid = 0};
    bool runs = false;

    if (h->os->daemon_find(h, files.pid, &d, &runs, &e)) {
        if (e.code != DOMO_E_BAD_STATE_FILE) {
            if (err)
                *err = e;
            return -1;
        }
        log_line(h->log, LOG_LEVEL_WARN, "the pid file '%s' is damaged: its device model is asked to quit", files.pid);
        return stop_unnamed(h, &files, err) ? -1 : remove_files(&files, err);
    }
    if (runs)
        ask_to_quit(h, &d, files.monitor);
    /* Also when it has ended just now: nobody else waits for this process's children. */
    if (d.pid && h->os->daemon_kill(h, &d, err))
        return -1;
    return remove_files(&files, err);
}

/* ---- also one that the store names ---- */

int dm_end(struct host *h, uint32_t domid, const char *uuid, struct domo_err *err)
{
    const struct dm_files files = files_of(h, uuid);
    struct domo_err e = DOMO_ERR_INIT;
    char monitor[DM_STOCK_PATH_MAX];
    struct os_daemon d;
    bool runs;
    int r = dm_stop(h, uuid, &e);

    if (dm_stock_find(h, domid, uuid, &d, &runs, r ? NULL : &e))
        r = -1;
    else if (runs) {
        dm_stock_monitor(h, domid, monitor);
        ask_to_quit(h, &d, monitor);
        if (h->os->daemon_kill(h, &d, r ? NULL : &e))
            r = -1;
        else if (r && e.code == DOMO_E_BAD_STATE_FILE)
            r = remove_files(&files, &e);
    }
    dm_stock_forget(h, domid);
    if (r && err)
        *err = e;
    return r;
}

/* ---- all of them ---- */

/* The UUID in a file's name; NULL: it is no file of a device model. Caller frees. */
static char *uuid_in(const char *name)
{
    size_t n = strlen(FILE_PREFIX);
    uint8_t uuid[HOST_UUID_LEN];
    char *text;

    if (!str_starts(name, FILE_PREFIX) || strlen(name) <= n + UUID_TEXT_MAX - 1 || name[n + UUID_TEXT_MAX - 1] != '.')
        return NULL;
    text = strndup(name + n, UUID_TEXT_MAX - 1);
    if (text && uuid_from_text(text, uuid))
        return text;
    free(text);
    return NULL;
}

int dm_each(struct host *h, int (*each)(void *arg, const char *uuid, struct domo_err *), void *arg,
            struct domo_err *err)
{
    struct dirent **list;
    int n = scandir(h->paths.own_run, &list, NULL, alphasort), r = 0;
    char *AUTO_FREE last = NULL;

    if (n < 0)
        return errno == ENOENT ? 0 : err_sys(err, DOMO_E_IO, errno, "read the directory '%s'", h->paths.own_run);
    for (int i = 0; i < n; i++) {
        char *uuid = uuid_in(list[i]->d_name);

        free(list[i]);
        /* In order of name: the files of one guest stand side by side. */
        if (r || !uuid || str_eq(uuid, last)) {
            free(uuid);
            continue;
        }
        r = each(arg, uuid, err);
        free(last);
        last = uuid;
    }
    free(list);
    return r;
}

/* ---- nodes ---- */

struct dm_nodes {
    uint32_t domid;
    const struct dm_guest *guest;
    const struct json *chardevs, *vnc; /* what the monitor said */
    pid_t pid;
};

/* The terminal of serial line "n"; NULL if it has none. */
static const char *tty_of(const struct json *chardevs, size_t n)
{
    char label[40];

    (void)snprintf(label, sizeof label, "serial%zu", n);
    for (size_t i = 0; i < json_len(chardevs); i++) {
        const struct json *c = json_at(chardevs, i, NULL);
        const char *file = json_get_str(c, "filename", "");

        if (str_eq(json_get_str(c, "label", ""), label) && str_starts(file, "pty:"))
            return file + strlen("pty:");
    }
    return NULL;
}

static int state_dir(const struct host *h, uint32_t domid, char ret[STORE_PATH_MAX], struct domo_err *err)
{
    return store_path(ret, err, "/local/domain/%u/device-model/%u", h->domid, domid);
}

static size_t serials_of(const struct dm_guest *g)
{
    return g->spec ? g->spec->serials.len : 0;
}

/* Where viewers find the screen. */
static int vnc_nodes(struct host *h, store_txn txn, const struct dm_nodes *n, struct domo_err *err)
{
    const char *password = dev_spec_get(dm_screen(n->guest), "vncpasswd");
    const struct {
        const char *name, *value;
    } nodes[] = {
        {"vnc-listen", json_get_str(n->vnc, "host", NULL)},
        {"vnc-port", json_get_str(n->vnc, "service", NULL)},
        {"vnc-pass", password},
    };
    char path[STORE_PATH_MAX];

    for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
        if (nodes[i].value && (store_path(path, err, "/local/domain/%u/console/%s", n->domid, nodes[i].name) ||
                               store_write(h, txn, path, nodes[i].value, err)))
            return -1;
    return 0;
}

static int body_nodes(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    const struct dm_nodes *n = arg;
    char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];

    if (state_dir(h, n->domid, dir, err) || store_path(path, err, "%s/state", dir) ||
        store_write(h, txn, path, "running", err))
        return -1;
    if (store_path(path, err, "/local/domain/%u/image/device-model-pid", n->domid) ||
        store_writef(h, txn, err, path, "%d", (int)n->pid))
        return -1;
    if (n->guest->jail && n->guest->jail->kill_uid &&
        (store_path(path, err, "/local/domain/%u/image/device-model-kill-uid", n->domid) ||
         store_writef(h, txn, err, path, "%" PRIu32, n->guest->jail->kill_uid)))
        return -1;
    if (n->vnc && vnc_nodes(h, txn, n, err))
        return -1;
    for (size_t i = 0; i < serials_of(n->guest); i++) {
        const char *tty = tty_of(n->chardevs, i);

        if (!tty)
            continue;
        if (store_path(path, err, "/local/domain/%u/serial/%zu/tty", n->domid, i) ||
            store_write(h, txn, path, tty, err))
            return -1;
    }
    return 0;
}

/* The viewer's password goes this way and not by the command line, which everybody can read. */
static int open_screen(const struct dm_guest *g, struct qmp *q, struct json **ret_vnc, struct domo_err *err)
{
    const char *password = dev_spec_get(dm_screen(g), "vncpasswd");

    if (password) {
        struct json *AUTO_JSON arguments = json_new_object();

        json_set_str(arguments, "password", password);
        if (qmp_call(q, "change-vnc-password", arguments, NULL, err))
            return -1;
    }
    return qmp_call(q, "query-vnc", NULL, ret_vnc, err);
}

int dm_write_nodes(struct host *h, uint32_t domid, const struct dm_guest *g, struct qmp *q, char **ret_tty,
                   struct domo_err *err)
{
    const struct dm_files files = files_of(h, g->uuid);
    struct json *AUTO_JSON chardevs = NULL;
    struct json *AUTO_JSON vnc = NULL;
    struct dm_nodes n = {.domid = domid, .guest = g};
    char *AUTO_FREE tty = NULL;
    struct os_daemon d;
    bool runs = false;

    if (h->os->daemon_find(h, files.pid, &d, &runs, err))
        return -1;
    if (serials_of(g) && qmp_call(q, "query-chardev", NULL, &chardevs, err))
        return -1;
    if (dm_screen(g) && dev_spec_flag(dm_screen(g), "vnc") && open_screen(g, q, &vnc, err))
        return -1;
    n.chardevs = chardevs;
    n.vnc = vnc;
    n.pid = d.pid;
    if (tty_of(chardevs, 0)) {
        tty = strdup(tty_of(chardevs, 0));
        if (!tty)
            return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    if (store_transact(h, body_nodes, &n, err))
        return -1;
    *ret_tty = tty;
    tty = NULL;
    return 0;
}

int dm_remove_nodes(struct host *h, store_txn txn, uint32_t domid, struct domo_err *err)
{
    char dir[STORE_PATH_MAX];

    return state_dir(h, domid, dir, err) || store_rm(h, txn, dir, err) ? -1 : 0;
}
