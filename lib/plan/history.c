/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Writers take a lock, look at the last line for the number of the next one,
 * and add theirs by one write. One that was killed leaves half a line at most,
 * which the next one cuts off. Readers take no lock: a line counts once its
 * newline is there.
 */
#include "plan/history.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"

enum { DIR_MODE = 0700, FILE_MODE = 0600, LOCK_WAIT_MS = 1000 };

struct token {
    uint32_t epoch;
    uint64_t seq;
};

static bool token_parse(const char *text, struct token *ret)
{
    char *end;

    if (strspn(text, "0123456789abcdef") != 8 || text[8] != '-' || strspn(text + 9, "0123456789") == 0)
        return false;
    ret->epoch = (uint32_t)strtoul(text, NULL, 16);
    errno = 0;
    ret->seq = strtoull(text + 9, &end, 10);
    return errno == 0 && (*end == '\0' || *end == '"');
}

static bool token_of_line(const char *line, struct token *ret)
{
    static const char begin[] = "{\"token\":\"";

    return str_starts(line, begin) && token_parse(line + strlen(begin), ret);
}

static char *path_of(const struct host *h, const char *name)
{
    return str_format("%s/history/%s", h->paths.own_run, name);
}

/* ---- writing ---- */

/* The token of the last whole line of a file, and where that line ends: false if there is none (end 0 then). */
static bool last_token(int fd, struct token *ret, off_t *ret_end)
{
    char text[2 * HISTORY_LINE_BYTES + 1];
    off_t size = lseek(fd, 0, SEEK_END);
    off_t from = size > (off_t)sizeof text - 1 ? size - ((off_t)sizeof text - 1) : 0;
    ssize_t n = pread(fd, text, sizeof text - 1, from);
    char *end, *begin;

    *ret_end = 0;
    if (n <= 0)
        return false;
    text[n] = '\0';
    end = memrchr(text, '\n', (size_t)n);
    if (!end)
        return false;
    *ret_end = from + (end - text) + 1;
    begin = memrchr(text, '\n', (size_t)(end - text));
    return token_of_line(begin ? begin + 1 : text, ret);
}

static bool last_token_at(const char *path, struct token *ret)
{
    int AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    off_t end;

    return fd >= 0 && last_token(fd, ret, &end);
}

/* The token for a next line, after those of "now" and "before". */
static struct token next_token(struct host *h, int fd, const char *before, off_t *ret_end)
{
    struct token t;

    if (last_token(fd, &t, ret_end) || last_token_at(before, &t)) {
        t.seq++;
        return t;
    }
    /* Not a call of the host's: it is none of the operation's, and must not make one fail. */
    if (getrandom(&t.epoch, sizeof t.epoch, GRND_NONBLOCK) != (ssize_t)sizeof t.epoch)
        t.epoch = (uint32_t)h->env->now_us(h);
    t.seq = 1;
    return t;
}

static char *time_text(struct host *h)
{
    char text[sizeof "2026-11-21T17:03:11"];
    unsigned centi;
    int64_t sec;
    struct tm tm;
    time_t at;

    h->env->wall(h, &sec, &centi);
    at = (time_t)sec;
    if (!gmtime_r(&at, &tm) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm))
        return NULL;
    return str_format("%s.%02uZ", text, centi);
}

static char *print_line(struct host *h, struct token t, const char *event, const struct json *about)
{
    char *AUTO_FREE when = time_text(h);
    struct json *j = json_new_object();
    char *AUTO_FREE text = NULL;

    json_setf(j, "token", "%08" PRIx32 "-%" PRIu64, t.epoch, t.seq);
    json_set_str(j, "time", when);
    json_set_str(j, "event", event);
    for (size_t i = 0; i < json_len(about); i++) {
        const char *name = NULL;
        const struct json *value = json_at(about, i, &name);

        json_set(j, name, json_copy(value));
    }
    j = json_done(j);
    text = j ? json_print(j, JSON_COMPACT) : NULL;
    (void)json_free(j);
    return text ? str_format("%s\n", text) : NULL;
}

/* What is too long keeps its number and its kind. */
static char *fit_line(struct host *h, struct token t, const char *event, const struct json *about)
{
    char *line = print_line(h, t, event, about);

    if (line && strlen(line) > HISTORY_LINE_BYTES) {
        free(line);
        line = print_line(h, t, event, NULL);
    }
    return line;
}

/* A full file becomes the older one. */
static int open_now(const char *now, const char *before)
{
    int fd = open(now, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) || st.st_size < HISTORY_FILE_BYTES)
        return fd;
    if (rename(now, before))
        return fd;
    (void)close(fd);
    return open(now, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
}

static int add_line(struct host *h, const char *event, const struct json *about)
{
    char *AUTO_FREE dir = str_format("%s/history", h->paths.own_run);
    char *AUTO_FREE now = path_of(h, "now"), *AUTO_FREE before = path_of(h, "before");
    char *AUTO_FREE lock_path = path_of(h, "lock"), *AUTO_FREE line = NULL;
    int AUTO_CLOSE lock = -1;
    int AUTO_CLOSE fd = -1;
    off_t end;
    int r;

    if (!dir || !now || !before || !lock_path)
        return -ENOMEM;
    r = fs_mkdirs(dir, DIR_MODE);
    r = r ? r : fs_lock(lock_path, FS_LOCK_FLOCK, clock_now_ms() + LOCK_WAIT_MS, &lock);
    if (r)
        return r;
    fd = open_now(now, before);
    if (fd < 0)
        return -errno;
    line = fit_line(h, next_token(h, fd, before, &end), event, about);
    if (!line)
        return -ENOMEM;
    if (ftruncate(fd, end) || lseek(fd, end, SEEK_SET) < 0)
        return -errno;
    return fs_write_all(fd, line, strlen(line));
}

void history_add(struct host *h, const char *event, struct json *about)
{
    struct json *AUTO_JSON a = about;
    int r = h->paths.own_run[0] ? add_line(h, event, a) : 0; /* a host without a place of its own has none */

    if (r)
        log_line(h->log, LOG_LEVEL_INFO, "the event '%s' could not be written down: %s", event, strerror(-r));
}

struct json *history_of(uint32_t domid, const char *name, const char *uuid)
{
    struct json *about = json_new_object();

    json_set_uint(about, "domid", domid);
    if (uuid && uuid[0])
        json_set_str(about, "uuid", uuid);
    if (name && name[0])
        json_set_str(about, "name", name);
    return about;
}

/* ---- reading ---- */

struct history {
    struct host *host;
    char *now, *before;
    int notify; /* inotify, on the directory */
    int fd;     /* the file that is read; -1 = none yet */
    off_t at;
    bool has_last; /* false: any first line will do */
    struct token last;
    char text[2 * HISTORY_LINE_BYTES];
    size_t from, len; /* what of it was not handed out */
};

void history_close(struct history *y)
{
    if (!y)
        return;
    if (y->notify >= 0)
        (void)close(y->notify);
    if (y->fd >= 0)
        (void)close(y->fd);
    free(y->now);
    free(y->before);
    free(y);
}

int history_fd(const struct history *y)
{
    return y->notify;
}

int history_wait(struct history *y, int64_t timeout_ms, struct domo_err *err)
{
    struct pollfd fd = {.fd = y->notify, .events = POLLIN};
    struct host *h = y->host;

    int r = h->env->wait(h, &fd, 1, timeout_ms < 0 ? -1 : h->env->now_ms(h) + timeout_ms, err);

    return r < 0 ? -1 : r > 0;
}

static bool newest(const struct history *y, struct token *ret)
{
    return last_token_at(y->now, ret) || last_token_at(y->before, ret);
}

static int lost(struct domo_err *err)
{
    return err_set(err, DOMO_E_EVENTS_LOST, "events between the last one seen and the oldest that is left are gone");
}

static int begin_at(struct history *y, const char *from, struct domo_err *err)
{
    struct token t = {0}, end = {0};
    bool any = newest(y, &end);

    if (from && str_eq(from, "oldest"))
        return 0;
    if (!from) {
        y->last = end;
        y->has_last = any;
        return 0;
    }
    if (!token_parse(from, &t) || from[strcspn(from, "\"")])
        return err_set(err, DOMO_E_USAGE, "'%s' is no token of an event", from);
    if (!any || t.epoch != end.epoch)
        return lost(err);
    if (t.seq > end.seq)
        return err_set(err, DOMO_E_USAGE, "no event has had the token '%s' yet", from);
    y->last = t;
    y->has_last = true;
    return 0;
}

int history_open(struct host *h, const char *from, struct history **ret, struct domo_err *err)
{
    char *AUTO_FREE dir = str_format("%s/history", h->paths.own_run);
    struct history *y = calloc(1, sizeof *y);
    int r;

    if (!y || !dir) {
        free(y);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    *y = (struct history){.host = h, .fd = -1, .now = path_of(h, "now"), .before = path_of(h, "before")};
    r = fs_mkdirs(dir, DIR_MODE);
    y->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (r || !y->now || !y->before || y->notify < 0 ||
        inotify_add_watch(y->notify, dir, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
        (void)err_sys(err, DOMO_E_IO, r ? -r : errno, "can't watch '%s'", dir);
        history_close(y);
        return -1;
    }
    if (begin_at(y, from, err)) {
        history_close(y);
        return -1;
    }
    *ret = y;
    return 0;
}

/* Does the path name the file that is open? */
static bool is_at(int fd, const char *path)
{
    struct stat a, b;

    return fd >= 0 && fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* After the end of a file to which nobody adds any more. The older one first, unless that is where we are: its lines
 * that were seen are passed over. */
static bool next_file(struct history *y)
{
    bool was_before = is_at(y->fd, y->before);
    int fd;

    fd = was_before ? -1 : open(y->before, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        fd = open(y->now, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    if (y->fd >= 0)
        (void)close(y->fd);
    y->fd = fd;
    y->at = 0;
    y->from = y->len = 0;
    return true;
}

/* The next whole line, NUL-terminated in the buffer; NULL: there is none in this file yet. */
static char *next_line(struct history *y)
{
    for (;;) {
        char *begin = y->text + y->from, *end = memchr(begin, '\n', y->len - y->from);
        ssize_t n;

        if (end) {
            *end = '\0';
            y->from = (size_t)(end - y->text) + 1;
            return begin;
        }
        memmove(y->text, begin, y->len - y->from);
        y->len -= y->from;
        y->from = 0;
        n = pread(y->fd, y->text + y->len, sizeof y->text - y->len, y->at);
        if (n <= 0) {
            /* Half a line may still be cut off and written anew: it is read again. */
            y->at -= (off_t)y->len;
            y->len = 0;
            return NULL;
        }
        y->at += n;
        y->len += (size_t)n;
    }
}

/* A line is new, was seen, or shows that some are missing. */
static int take_line(struct history *y, const char *line, struct json **ret, struct domo_err *err)
{
    struct token t;

    if (!token_of_line(line, &t))
        return 0;
    if (y->has_last && t.epoch == y->last.epoch && t.seq <= y->last.seq)
        return 0;
    if (y->has_last && (t.epoch != y->last.epoch || t.seq != y->last.seq + 1))
        return lost(err);
    y->last = t;
    y->has_last = true;
    if (json_parse(line, strlen(line), ret, NULL) == -ENOMEM)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return 0;
}

int history_next(struct history *y, struct json **ret, struct domo_err *err)
{
    *ret = NULL;
    fs_drain(y->notify);
    while (!*ret) {
        bool is_last = is_at(y->fd, y->now); /* asked first: what is added until it is not any more is read then */
        const char *line = y->fd >= 0 ? next_line(y) : NULL;

        if (!line && (is_last || !next_file(y)))
            return 0;
        if (line && take_line(y, line, ret, err))
            return -1;
    }
    return 0;
}
