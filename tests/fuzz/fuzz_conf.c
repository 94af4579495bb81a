/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Fuzz target: any bytes as a config. What is accepted must print, read back
 * to the same guest, and survive libxl's JSON.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "dom/spec.h"

#include "fuzz.h"

static void use(const struct spec *spec)
{
    const struct spec_load how = {.check_only = true};
    struct domo_err err = DOMO_ERR_INIT;
    struct json *j = spec_to_libxl(spec);
    char *text = spec_print(spec);
    struct spec *again;
    struct diags d;

    diags_init(&d);
    /* A guest that boots by a loader which nothing acts on has lost it in print. */
    if (!spec->kernel && spec->type != SPEC_TYPE_HVM) {
        assert(text);
    } else if (text && !spec_parse("printed", text, &how, &d, &again, &err)) {
        assert(spec_equal(spec, again));
        (void)spec_free(again);
    } else {
        assert(!"what was printed can't be read");
    }
    if (j && !spec_from_libxl(j, &again, &err))
        (void)spec_free(again);
    else
        assert(!"what was stored can't be read");
    diags_fini(&d);
    free(text);
    (void)json_free(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct spec_load how = {.check_only = true, .warn_unknown = true};
    struct domo_err err = DOMO_ERR_INIT;
    char *text = strndup((const char *)data, size);
    struct str out = STR_INIT;
    struct spec *spec;
    struct diags d;

    if (!text)
        return 0;
    diags_init(&d);
    if (!spec_parse("fuzz", text, &how, &d, &spec, &err)) {
        use(spec);
        (void)spec_free(spec);
    }
    diags_print(&d, &out);
    (void)json_free(diags_to_json(&d));
    str_fini(&out);
    diags_fini(&d);
    free(text);
    return 0;
}
