/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * WS-Transfer: Get.
 */
#include "wsman/op.h"

#include "wsman/encode.h"

#include <string.h>

int op_get(struct op *op)
{
    struct encoder e = { &op->reply->body, &op->call, op->request.target.form };
    struct cim_instance instance;

    if (strcmp(op->request.target.class, "*") == 0) /* DSP0227 R6-1 */
        return error_set(&op->err, ERR_BAD_ACTION, "Get needs a class, not all classes.");
    if (op->request.headers.fragment) /* DSP0226 R7.7-1: never answered as if it were whole */
        return error_set(&op->err, ERR_FEATURE_FRAGMENT, NULL);
    if (cim_resolve(&op->call, op->request.target.ns, op->request.target.ref, &instance) != 0)
        return -1;
    encode_instance(&e, &instance);
    return 0;
}
