/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hurry.h"

static _Thread_local bool hurried, balked;

void hurry_begin(void)
{
    hurried = true;
    balked = false;
}

bool hurry_end(void)
{
    hurried = false;
    return balked;
}

bool hurry_balked(void)
{
    return hurried && balked;
}

int hurry_balk(struct error *err)
{
    if (!hurried)
        return 0;
    balked = true;
    /* Nobody sees this text: the work is done again. */
    return error_set(err, ERR_INTERNAL, "This thread may not wait.");
}
