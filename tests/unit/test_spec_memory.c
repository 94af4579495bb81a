/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: when the n-th allocation of reading, printing or storing a config
 * fails, for every n, the result is an error and nothing leaks or crashes.
 * (Leaks are seen by the build with sanitizers.)
 */
#include "unit.h"

#include <stdio.h>

#include "conf_util.h"
#include "dom/spec_keys.h"

static long countdown = -1; /* allocations that still succeed; negative: all */

static bool may_allocate(void)
{
    if (countdown < 0)
        return true;
    if (!countdown)
        return false;
    countdown--;
    return true;
}

/* The linker routes calls through these (--wrap), with names of its making. */
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

void *__wrap_malloc(size_t n)
{
    return may_allocate() ? __real_malloc(n) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
    return may_allocate() ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *p, size_t n)
{
    return may_allocate() ? __real_realloc(p, n) : NULL;
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    return may_allocate() ? __real_reallocarray(p, n, size) : NULL;
}

char *__wrap_strdup(const char *s)
{
    return may_allocate() ? __real_strdup(s) : NULL;
}

char *__wrap_strndup(const char *s, size_t n)
{
    return may_allocate() ? __real_strndup(s, n) : NULL;
}

static const char text[] =
    "name = \"a\\x41\"\n"
    "kernel='/k'; memory=64\n"
    "memory=128\n"
    "root='/dev/xvda' extra='x'\n"
    "extra='quiet'\nextra+=' ro'\n"
    "uuid='6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f'\n"
    "cpus='0-3'\ncpus_soft='1'\n"
    "disk=['phy:/dev/a,xvda,w','nbd:h:1,xvdb:disk,r','/i,,hdc,cdrom,bakend=x','vdev=xvdd,script=s,backend=b,target=/"
    "x']\n"
    "disk+=['/y,raw,xvde']\n"
    "vif=['mac=00:16:3e:01:02:03,bridge=b,rate=1MB/s,mtu=9000,devid=0','model=x,ip=1','brige=x']\n"
    "vfb=['vnc=1,vncx=2']\nfoobar=1\non_crash='restar'\n"
    "pool='p'\n";

static const char good[] =
    "name='a'\nkernel='/k'\nroot='/r'\nextra='e'\ncpus='0-3'\nvfb=['vnc=1']\n"
    "uuid='6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f'\nmemory=64\nmemory=128\n"
    "disk=['phy:/dev/a,xvda,w','nbd:h:1,xvdb,r','/i,,hdc,cdrom','vdev=xvdd,script=s,backend=b,target=/x']\n"
    "vif=['mac=00:16:3e:01:02:03,bridge=b,rate=1MB/s,mtu=9000,devid=0','model=x,ip=1']\n";

/* Everything that is done with a config. 0: all of it worked, 1: the text was refused, -1: out of memory. */
static int use(const char *config)
{
    static const char *const lines[] = {"name=b", "extra=some words", NULL};
    const struct spec_load how = {.overrides = lines, .ignore_unsupported = true};
    struct domo_err err = DOMO_ERR_INIT;
    struct spec *spec = NULL, *again = NULL;
    struct json *stored = NULL, *findings = NULL;
    struct str out = STR_INIT;
    struct diags d;
    char *printed = NULL;
    int r;

    diags_init(&d);
    r = spec_parse("t", config, &how, &d, &spec, &err);
    if (r && err.code != DOMO_E_NO_MEMORY)
        r = 1;
    diags_print(&d, &out);
    findings = diags_to_json(&d);
    if (!r) {
        printed = spec_print(spec);
        stored = spec_to_libxl(spec);
        if (!printed || !stored || spec_from_libxl(stored, &again, &err))
            r = -1;
    }
    if (!findings || out.failed)
        r = -1;
    (void)spec_free(spec);
    (void)spec_free(again);
    (void)json_free(stored);
    (void)json_free(findings);
    str_fini(&out);
    diags_fini(&d);
    free(printed);
    return r;
}

static void fail_each(const char *config, int want)
{
    int r = -1;

    for (long n = 0; r < 0; n++) {
        assert_true(n < 100000);
        countdown = n;
        r = use(config);
        countdown = -1;
    }
    assert_int_equal(r, want);
}

static void test_bad_config(void **state)
{
    (void)state;
    fail_each(text, 1);
}

static void test_good_config(void **state)
{
    (void)state;
    fail_each(good, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_config),
        cmocka_unit_test(test_good_config),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
