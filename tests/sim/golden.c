/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * usage: golden FILE.t
 * Plays a transcript against a simulated host inside this process, with virtual
 * time and chance that begins the same each time, and prints it as it is today.
 * tests/golden/sim/run says what stands in one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "command.h"
#include "host/sim.h"
#include "inproc.h"
#include "world.h"

enum { WORDS_MAX = 64, FILE_MAX = 1 << 20, SEED = 1 };

struct play {
    char *here;        /* where the transcript is played */
    char dir[64];      /* of the host */
    struct host *host; /* untraced and without faults, to look at the world; NULL before the first command */
    lines world;       /* after the last command */
    unsigned ttys, temps;
};

static struct play play;

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "golden: %s: %s\n", what, why);
    exit(99);
}

/* ---- names of terminals: the machine's numbers are not the same twice ---- */

int __real_ptsname_r(int fd, char *buf, size_t len);
int __wrap_ptsname_r(int fd, char *buf, size_t len);

int __wrap_ptsname_r(int fd, char *buf, size_t len)
{
    char real[64], link[64];
    int r = __real_ptsname_r(fd, real, sizeof real);

    if (r)
        return r;
    (void)snprintf(link, sizeof link, "tty%u", ++play.ttys);
    (void)unlink(link);
    if (symlink(real, link) < 0)
        return errno;
    (void)snprintf(buf, len, "%s/%s", play.here, link);
    return 0;
}

/* ---- names of files that are made up ---- */

int __wrap_mkostemp(char *template, int flags);

int __wrap_mkostemp(char *template, int flags)
{
    char number[8];

    (void)snprintf(number, sizeof number, "%06u", ++play.temps % 1000000);
    memcpy(template + strlen(template) - strlen(number), number, strlen(number));
    return open(template, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
}

/* ---- the host ---- */

static void begin(void)
{
    struct domo_err err = DOMO_ERR_INIT;
    char uri[80];

    if (play.host)
        return;
    if (inproc_start(play.dir, &err) < 0)
        die(play.dir, err.msg);
    play.host = calloc(1, sizeof *play.host);
    (void)snprintf(uri, sizeof uri, "sim:%s", play.dir);
    if (!play.host || sim_open(play.host, uri, &err) < 0)
        die(uri, err.msg);
    world_take(play.host, &play.world);
}

static void show_changes(void)
{
    lines now;

    world_take(play.host, &now);
    world_diff(&play.world, &now, "w", stdout);
    world_lines_fini(&play.world);
    play.world = now;
}

/* ---- one command ---- */

/* What the libraries below the seam say while they work is theirs, and differs with their version. */
static bool is_trace(const char *line)
{
    static const char *const begins[] = {"hyp.", "store.", "os.", "env.", "plan."};

    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (str_starts(line, begins[i]))
            return true;
    return false;
}

/* Trace lines go to a text of their own. */
static void show_errors(char *text)
{
    struct str AUTO_STR trace = STR_INIT;
    char *save = NULL;

    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (!str_starts(line, "debug: "))
            (void)printf("2> %s\n", line);
        else if (is_trace(line + strlen("debug: ")))
            str_addf(&trace, "t> %s\n", line + strlen("debug: "));
    (void)fputs(str_text(&trace), stdout);
}

static void command(char *const argv[])
{
    struct outcome o;

    command_run(argv, &o);
    (void)fputs(o.out, stdout);
    if (o.out[0] && o.out[strlen(o.out) - 1] != '\n')
        (void)fputs("\n\\ no newline at the end\n", stdout);
    show_errors(o.err);
    if (o.status)
        (void)printf("=> %d\n", o.status);
    outcome_fini(&o);
}

/* ---- a line ---- */

/* Words parted by blanks; '…' keeps them. In place. */
static int split(char *line, char *words[WORDS_MAX])
{
    int n = 0;

    for (char *p = line; *p && n < WORDS_MAX - 1;) {
        char *to = p;
        bool quoted = false, more = true;

        while (*p == ' ')
            p++;
        if (!*p)
            break;
        words[n++] = to = p;
        while (more && *p) {
            if (*p == '\'')
                quoted = !quoted;
            else if (*p == ' ' && !quoted)
                more = false;
            else
                *to++ = *p;
            p++;
        }
        *to = '\0';
    }
    words[n] = NULL;
    return n;
}

/* "$ domo WORDS": with a trace, which every command can write. */
static void run_command(char *line)
{
    char trace[] = "--trace";
    char *words[WORDS_MAX], *with[WORDS_MAX + 1];
    int n = split(line, words);

    if (n < 1)
        die("a command", "has no words");
    begin();
    with[0] = words[0];
    with[1] = trace;
    memcpy(with + 2, words + 1, (size_t)n * sizeof *with);
    command(with);
    show_changes();
}

static void add_disk(const char *name, const char *mib)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || ftruncate(fd, strtol(mib, NULL, 10) << 20) < 0)
        die(name, strerror(errno));
    (void)close(fd);
}

static void set_world(const char *file)
{
    char *AUTO_FREE text = NULL;
    char path[96];
    size_t len = 0;

    (void)snprintf(path, sizeof path, "%s/world.json", play.dir);
    if (fs_read(file, FILE_MAX, &text, &len) < 0 || fs_mkdirs(play.dir, 0700) < 0 ||
        fs_write_atomic(path, text, len, 0600, false) < 0)
        die(file, "can't be made the world");
}

static void write_node(const char *path, const char *value)
{
    struct domo_err err = DOMO_ERR_INIT;

    begin();
    if (store_write(play.host, 0, path, value, &err) < 0)
        die(path, err.msg);
    show_changes();
}

/* "@ WORD…": what is done to the world around domo. */
static void run_stage(char *line)
{
    char *words[WORDS_MAX];
    int n = split(line, words);

    if (n == 2 && str_eq(words[0], "world")) {
        set_world(words[1]);
    } else if (n == 3 && str_eq(words[0], "disk")) {
        add_disk(words[1], words[2]);
    } else if (n == 2 && str_eq(words[0], "ms")) {
        begin();
        inproc_run(strtol(words[1], NULL, 10));
        show_changes();
    } else if (n == 3 && str_eq(words[0], "write")) {
        write_node(words[1], words[2]);
    } else {
        die(line, "world FILE, disk FILE MIB, ms NUMBER, write PATH VALUE");
    }
}

static void run_line(const char *line)
{
    char *AUTO_FREE copy = strdup(line + (line[0] ? 2 : 0));

    if (!copy)
        die("memory", "none");
    if (str_starts(line, "# ")) {
        (void)printf("\n%s\n", line);
    } else if (str_starts(line, "$ ")) {
        (void)printf("%s\n", line);
        run_command(copy);
    } else if (str_starts(line, "@ ")) {
        (void)printf("%s\n", line);
        run_stage(copy);
    }
}

static void finish(void)
{
    char *why = NULL;

    if (machine_check(sim_machine(inproc_sim()), &why) < 0 || domostore_check(sim_store(inproc_sim()), &why) < 0)
        die("the model", why);
    world_lines_fini(&play.world);
    (void)host_close(play.host);
    inproc_stop();
}

int main(int argc, char **argv)
{
    char *AUTO_FREE text = NULL, *save = NULL;
    size_t len = 0;

    play.here = getcwd(NULL, 0);
    if (argc != 2 || !play.here || fs_read(argv[1], FILE_MAX, &text, &len) < 0)
        die("usage", "golden FILE.t");
    (void)snprintf(play.dir, sizeof play.dir, "%s/host", play.here);
    inproc_seed(SEED);
    if (setenv("DOMO_HOST", "sim:host", 1) < 0)
        die("DOMO_HOST", strerror(errno));
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        run_line(line);
    if (play.host)
        finish();
    free(play.here);
    return 0;
}
