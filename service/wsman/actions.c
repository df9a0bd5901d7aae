/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The action table. A request whose row names no role, or that has no row, is refused.
 */
#include "wsman/op.h"

#include "wsman/names.h"

#include <string.h>
#include <strings.h>

static const struct operation operations[] = {
    { NS_X "/Get", NS_X "/GetResponse", BODY_EMPTY, OP_FRAGMENTS | OP_BRIEF, ROLE_VIEWER, op_get },
    { NS_X "/Put", NS_X "/PutResponse", BODY_ANY, OP_FRAGMENTS, ROLE_OPERATOR, op_put },
    { NS_X "/Create", NS_X "/CreateResponse", BODY_ANY, 0, ROLE_OPERATOR, op_create },
    { NS_X "/Delete", NS_X "/DeleteResponse", BODY_EMPTY, 0, ROLE_OPERATOR, op_delete },
    { NS_N "/Enumerate", NS_N "/EnumerateResponse", BODY_ENUMERATE, 0, ROLE_VIEWER, op_enumerate },
    { NS_N "/Pull", NS_N "/PullResponse", BODY_PULL, 0, ROLE_VIEWER, op_pull },
    { NS_N "/Release", NS_N "/ReleaseResponse", BODY_RELEASE, 0, ROLE_VIEWER, op_release },
    { NS_N "/Renew", NS_N "/RenewResponse", BODY_RENEW, 0, ROLE_VIEWER, op_renew },
    { NS_N "/GetStatus", NS_N "/GetStatusResponse", BODY_GET_STATUS, 0, ROLE_VIEWER, op_get_status },
    { NS_E "/Subscribe", NULL, BODY_ANY, 0, ROLE_VIEWER, op_subscribe },
    { NS_E "/Renew", NULL, BODY_EMPTY, 0, ROLE_VIEWER, op_no_subscription },
    { NS_E "/GetStatus", NULL, BODY_EMPTY, 0, ROLE_VIEWER, op_no_subscription },
    { NS_E "/Unsubscribe", NULL, BODY_EMPTY, 0, ROLE_VIEWER, op_no_subscription },
};

/* The method's own role counts too, in op_invoke(). */
static const struct operation invoke = { NULL, NULL, BODY_INVOKE, 0, ROLE_VIEWER, op_invoke };

int op_find(struct op *op)
{
    const char *action = op->request.headers.action;
    const char *uri = op->request.headers.resource_uri;
    size_t len = uri ? strlen(uri) : 0;
    const char *slash = strrchr(action, '/');

    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (strcmp(operations[i].action, action) == 0) {
            op->operation = &operations[i];
            return 0;
        }
    }
    if (uri && slash && slash[1] && strncasecmp(action, uri, len) == 0 && slash == action + len) {
        op->operation = &invoke;
        op->method = slash + 1;
        return 0;
    }
    if (slash && (strncasecmp(action, URI_MICROSOFT, strlen(URI_MICROSOFT)) == 0 ||
                  strncasecmp(action, URI_DMTF, strlen(URI_DMTF)) == 0))
        return error_set(&op->err, ERR_ACTION_MISMATCH, NULL);
    return error_set(&op->err, ERR_BAD_ACTION, NULL);
}
