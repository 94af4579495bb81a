/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "world.h"

enum { DOMAINS_MAX = 128 };

static void die(const char *what, const struct domo_err *err)
{
    (void)fprintf(stderr, "world: %s: %s\n", what, err->msg);
    abort();
}

static void add(lines *to, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(lines *to, const char *fmt, ...)
{
    char **slot = VEC_PUSH(to);
    va_list ap;

    va_start(ap, fmt);
    if (!slot || vasprintf(slot, fmt, ap) < 0)
        abort();
    va_end(ap);
}

/* ---- the store ---- */

static void quote(struct str *to, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] < ' ' || bytes[i] == '"' || bytes[i] == '\\' || bytes[i] == 127)
            str_addf(to, "\\x%02x", (unsigned char)bytes[i]);
        else
            str_addc(to, bytes[i]);
}

static void add_node(struct host *h, const char *path, lines *to)
{
    static const char letters[] = "nrwb";
    struct domo_err err = DOMO_ERR_INIT;
    struct store_perm *perms = NULL;
    struct str AUTO_STR line = STR_INIT;
    char *value = NULL;
    size_t len = 0, n = 0;

    if (store_read_bytes(h, 0, path, &value, &len, &err) < 0 || store_get_perms(h, 0, path, &perms, &n, &err) < 0)
        die(path, &err);
    str_addf(&line, "%s = \"", path);
    quote(&line, value, len);
    str_add(&line, "\" (");
    for (size_t i = 0; i < n; i++)
        str_addf(&line, "%s%c%u", i ? "," : "", letters[perms[i].rights & 3], perms[i].domid);
    add(to, "%s)", str_text(&line));
    free(value);
    free(perms);
}

static void walk(struct host *h, const char *path, lines *to)
{
    struct domo_err err = DOMO_ERR_INIT;
    char **AUTO_FREE names = NULL;
    size_t n = 0;

    if (store_list(h, 0, path[0] ? path : "/", &names, &n, &err) < 0)
        die(path, &err);
    if (path[0])
        add_node(h, path, to);
    for (size_t i = 0; i < n; i++) {
        char *AUTO_FREE child = str_format("%s/%s", path, names[i]);

        /* The server's own: which domains and connections there are. */
        if (!str_eq(child, "/tool/xenstored"))
            walk(h, child, to);
    }
}

/* ---- domains and devices ---- */

static void add_domains(struct host *h, lines *to)
{
    struct hyp_info info[DOMAINS_MAX];
    struct domo_err err = DOMO_ERR_INIT;
    size_t n = 0;

    if (h->hyp->list(h, 0, info, DOMAINS_MAX, &n, &err) < 0)
        die("domains", &err);
    for (size_t i = 0; i < n; i++) {
        const struct hyp_info *d = &info[i];

        add(to, "domain %u %llu KiB%s%s%s%s", d->domid, (unsigned long long)d->mem_kib, d->is_hvm ? " hvm" : "",
            d->is_paused ? " paused" : "", d->is_dying ? " dying" : "", d->is_shutdown ? " shutdown" : "");
        if (d->is_shutdown)
            add(to, "domain %u reason %u", d->domid, d->shutdown_reason);
    }
}

static void add_loops(struct host *h, lines *to)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct os_loop *AUTO_FREE list = NULL;
    size_t n = 0;

    if (h->os->loop_list(h, NULL, 0, &list, &n, &err) < 0)
        die("loop devices", &err);
    for (size_t i = 0; i < n; i++)
        add(to, "loop%u %s '%s'", list[i].number, list[i].read_only ? "ro" : "rw", list[i].tag);
}

/* The names under which an interface of a guest can be, for the devids that the tests use. */
static void add_ifaces(struct host *h, lines *to)
{
    struct hyp_info info[DOMAINS_MAX];
    struct domo_err err = DOMO_ERR_INIT;
    struct os_iface iface;
    size_t n = 0;
    bool found;

    if (h->hyp->list(h, 1, info, DOMAINS_MAX, &n, &err) < 0)
        die("domains", &err);
    for (size_t i = 0; i < 2 * n; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "vif%u.%zu", info[i / 2].domid, i % 2);
        if (h->os->iface(h, name, &iface, &found, &err) < 0)
            die(name, &err);
        if (found)
            add(to, "%s mtu %u %s%s", name, iface.mtu, iface.is_up ? "up" : "down", iface.master ? " in a bridge" : "");
    }
}

/* ---- state files ---- */

static void add_files(const char *name, const char *path, lines *to)
{
    DIR *dir = opendir(path);
    const struct dirent *e;

    while (dir && (e = readdir(dir))) {
        char *AUTO_FREE inner = str_format("%s/%s", path, e->d_name);
        char *AUTO_FREE shown = str_format("%s/%s", name, e->d_name);
        struct stat st;

        if (str_eq(e->d_name, ".") || str_eq(e->d_name, "..") || !inner || lstat(inner, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode))
            add_files(shown, inner, to);
        else
            add(to, "file %s", shown);
    }
    if (dir)
        (void)closedir(dir);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void world_take(struct host *h, lines *ret)
{
    *ret = (lines)VEC_INIT;
    walk(h, "", ret);
    add_domains(h, ret);
    add_loops(h, ret);
    add_ifaces(h, ret);
    add_files("lib", h->paths.userdata, ret);
    add_files("run", h->paths.run, ret);
    add_files("domo", h->paths.own_run, ret);
    add_files("log", h->paths.log, ret);
    qsort(ret->at, ret->len, sizeof *ret->at, by_text);
}

void world_lines_fini(lines *l)
{
    for (size_t i = 0; i < l->len; i++)
        free(l->at[i]);
    VEC_FINI(l);
}

bool world_same(const lines *a, const lines *b)
{
    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++)
        if (!str_eq(a->at[i], b->at[i]))
            return false;
    return true;
}

void world_diff(const lines *a, const lines *b, const char *prefix, FILE *to)
{
    size_t i = 0, j = 0;

    while (i < a->len || j < b->len) {
        int order = i == a->len ? 1 : j == b->len ? -1 : strcmp(a->at[i], b->at[j]);

        if (order < 0)
            (void)fprintf(to, "%s- %s\n", prefix, a->at[i++]);
        else if (order > 0)
            (void)fprintf(to, "%s+ %s\n", prefix, b->at[j++]);
        else
            i++, j++;
    }
}
