/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public calls about the life of guests: its table.
 */
#include "domo_ctx.h"

#include "dom/lifecycle.h"

struct domo_value *domo_lifecycle(void)
{
    return to_value(life_table());
}
