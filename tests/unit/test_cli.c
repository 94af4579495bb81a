/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Promise: the command tables are complete and free of clashes, options are
 * parsed as their rows say, and names are found as help promises.
 */
#include "unit.h"

#include "../../cli/cmd.h"
#include "../../cli/generate.h"
#include "../../cli/text.h"

struct record {
    bool flag;
    int count;
    const char *text;
    int64_t ms;
    uint32_t number;
};

static const struct opt rows[] = {
    OPT_BOOL(struct record, flag, "flag", 'f', "a flag"),
    OPT_ROW(struct record, count, OPT_COUNT, "count", 'c', NULL, WORD_NONE, "counts"),
    OPT_ROW(struct record, text, OPT_TEXT, "text", 0, "TEXT", WORD_TEXT, "a text"),
    OPT_ROW(struct record, number, OPT_NUMBER, "number", 'n', "N", WORD_TEXT, "a number"),
    OPT_ROW(struct record, ms, OPT_SECONDS, "wait", 'w', "SECONDS", WORD_TEXT, "a time"),
    OPT_END,
};

/* Parses a NULL-terminated line; *ret_n is the number of words that are left. NULL, or what is wrong. */
static char *parse(struct record *r, bool stop, const char **line, int *ret_n)
{
    struct optset set = {rows, r};
    char *argv[16], *why = NULL;
    int argc = 0, first = 0;

    for (; line[argc]; argc++)
        argv[argc] = (char *)(uintptr_t)line[argc];
    argv[argc] = NULL;
    if (opt_parse(&set, 1, stop, argc, argv, &first, &why) < 0)
        return why;
    *ret_n = argc - first;
    return NULL;
}
#define LINE(...)                                                                                                      \
    (const char *[])                                                                                                   \
    {                                                                                                                  \
        "cmd", __VA_ARGS__, NULL                                                                                       \
    }

static void options_fill_their_record(void **state)
{
    struct record r = {.count = 0};
    int n = -1;

    (void)state;
    assert_null(parse(&r, false, LINE("a", "-fcc", "--text=x", "b", "-w", "0.25", "--count", "-n4294967295"), &n));
    assert_int_equal(n, 2);
    assert_true(r.flag);
    assert_int_equal(r.count, 3);
    assert_string_equal(r.text, "x");
    assert_int_equal(r.ms, 250);
    assert_int_equal(r.number, 4294967295u);
}

static void options_end_at_the_first_word_when_told(void **state)
{
    struct record r = {.count = 0};
    int n = -1;

    (void)state;
    assert_null(parse(&r, true, LINE("-f", "sub", "-c"), &n));
    assert_int_equal(n, 2);
    assert_int_equal(r.count, 0);
}

static void bad_options_are_named(void **state)
{
    static const struct {
        const char *word, *next, *why;
    } cases[] = {
        {"--flga", NULL, "unknown option '--flga', did you mean '--flag'?"},
        {"--nothing", NULL, "unknown or ambiguous option '--nothing'"},
        {"-x", NULL, "unknown option '-x'"},
        {"--text", NULL, "option '--text' needs an argument"},
        {"--flag=1", NULL, "option '--flag' takes no argument"},
        {"--number", "0", "option '--number': '0' is no number above 0"},
        {"--number", "-1", "option '--number': '-1' is no number above 0"},
        {"--number", "4294967296", "option '--number': '4294967296' is no number above 0"},
        {"--number", "99999999999999999999999", "option '--number': '99999999999999999999999' is no number above 0"},
        {"--number", "3x", "option '--number': '3x' is no number above 0"},
        {"--wait", "soon", "option '--wait': 'soon' is no number of seconds"},
        {"--wait", "-1", "option '--wait': '-1' is no number of seconds"},
        {"--wait", "0", "option '--wait': '0' is no number of seconds"},
        {"--wait", "nan", "option '--wait': 'nan' is no number of seconds"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record r = {.count = 0};
        int n = -1;
        AUTO_FREE char *why = parse(&r, false, LINE(cases[i].word, cases[i].next), &n);

        assert_non_null(why);
        assert_string_equal(why, cases[i].why);
    }
}

static void distance_counts_edits(void **state)
{
    size_t best = SIZE_MAX;

    (void)state;
    assert_int_equal(text_distance("", ""), 0);
    assert_int_equal(text_distance("kernel", "kernel"), 0);
    assert_int_equal(text_distance("memroy", "memory"), 2);
    assert_int_equal(text_distance("lst", "list"), 1);
    assert_int_equal(text_distance("", "abc"), 3);
    assert_true(text_is_nearer("lst", "list", &best));
    assert_false(text_is_nearer("lst", "lost", &best));
    best = SIZE_MAX;
    assert_false(text_is_nearer("lst", "pause", &best));
}

static void names_are_found_by_their_beginning(void **state)
{
    struct cli domo = {.prog = "domo"}, xl = {.prog = "xl", .as_xl = true};
    AUTO_FREE char *why = NULL, *why_not_xl = NULL;

    (void)state;
    assert_string_equal(cmd_find(&domo, "list", &why)->name, "list");
    assert_string_equal(cmd_find(&domo, "cre", &why)->name, "create");
    assert_string_equal(cmd_find(&xl, "con", &why)->name, "console");
    assert_null(why);
    assert_null(cmd_find(&domo, "con", &why));
    assert_string_equal(why, "command 'con' is ambiguous: console, config");
    assert_null(cmd_find(&domo, "__comp", &why_not_xl));
}

static void check_cmd(const struct cmd *cmd)
{
    struct optset sets[CMD_SETS_MAX];
    size_t n = cmd_optsets(cmd, sets);
    char letters[64] = "";

    assert_non_null(cmd->args);
    assert_non_null(cmd->summary);
    assert_true(cmd->summary[strlen(cmd->summary) - 1] != '.');
    assert_true(cmd->min <= cmd->max || cmd->sub);
    assert_true((cmd->run == NULL) == (cmd->sub != NULL));
    assert_true(cmd->target != TARGET_DOMAIN || cmd->min >= 1);
    assert_true(cmd->target == TARGET_NONE || cmd->words[0] == WORD_DOMAIN);
    assert_true((cmd->opts && cmd->opts->name) == (cmd->opts_size > 0));
    /* The global ones are last: a command's own letter may hide theirs, but not one of its own. */
    for (size_t i = 0; i + 1 < n; i++)
        for (const struct opt *row = sets[i].rows; row && row->name; row++) {
            assert_true(!row->letter || !strchr(letters, row->letter));
            assert_true((row->arg != NULL) == opt_takes_argument(row));
            if (row->letter)
                letters[strlen(letters)] = row->letter;
        }
}

static void every_command_is_whole(void **state)
{
    (void)state;
    for (const struct cmd *const *group = cmd_groups; *group; group++)
        for (const struct cmd *cmd = *group; cmd->name; cmd++) {
            check_cmd(cmd);
            for (const struct cmd *sub = cmd->sub; sub && sub->name; sub++)
                check_cmd(sub);
        }
}

static void every_kind_of_word_has_a_name(void **state)
{
    int n = 0;

    (void)state;
    while (word_names[n])
        n++;
    assert_int_equal(n, WORD_TEXT + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_fill_their_record),
        cmocka_unit_test(options_end_at_the_first_word_when_told),
        cmocka_unit_test(bad_options_are_named),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(names_are_found_by_their_beginning),
        cmocka_unit_test(every_command_is_whole),
        cmocka_unit_test(every_kind_of_word_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
