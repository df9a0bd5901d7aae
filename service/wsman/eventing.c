/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * WS-Eventing: no resource has events yet. A subscription is looked at all the same, so that a client
 * reads what else would have been wrong with it (DSP0226 section 10).
 */
#include "wsman/op.h"

#include "wsman/any.h"
#include "wsman/names.h"

#include <string.h>
#include <strings.h>

static const char *const modes[] = {
    NS_E "/DeliveryModes/Push",
    "http://schemas.dmtf.org/wbem/wsman/1/wsman/PushWithAck",
    "http://schemas.dmtf.org/wbem/wsman/1/wsman/Events",
    "http://schemas.dmtf.org/wbem/wsman/1/wsman/Pull",
};

static const char *const filters[] = { DIALECT_WQL, DIALECT_CQL, DIALECT_XPATH };

/* Elements of Subscribe and of its Delivery that ask for what there is not. */
static const struct {
    const char *name;
    enum error_code code;
} features[] = {
    { "Heartbeats", ERR_FEATURE_HEARTBEATS },     { "SendBookmarks", ERR_FEATURE_BOOKMARKS },
    { "Bookmark", ERR_EVENT_BOOKMARK },           { "ConnectionRetry", ERR_FEATURE_RETRIES },
    { "Auth", ERR_FEATURE_AUTHORIZATION },
};

static bool listed(const char *const *uris, size_t count, const char *uri)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(uris[i], uri) == 0)
            return true;
    return false;
}

static const struct any *child_in(const struct any *node, const char *ns, const char *name)
{
    for (const struct any *c = any_first(node); c; c = any_next(c))
        if (strcmp(any_name(c), name) == 0 && strcmp(any_ns(c), ns) == 0)
            return c;
    return NULL;
}

/* R10.2.2-50 to -52. */
static int check_filter(struct op *op, const struct any *root)
{
    const struct any *ours = child_in(root, NS_W, "Filter"), *theirs = child_in(root, NS_E, "Filter");
    const char *dialect;

    if (ours && theirs)
        return error_set(&op->err, ERR_EVENT_MESSAGE, "There are two filters; send one.");
    if (!ours && !theirs)
        return 0;
    dialect = any_attribute(ours ? ours : theirs, "", "Dialect");
    if (!dialect || listed(filters, sizeof(filters) / sizeof(filters[0]), dialect))
        return 0;
    return error_set(&op->err, ERR_EVENT_DIALECT, "The filter dialect '%.200s' is not supported.", dialect);
}

static int check_features(struct op *op, const struct any *node)
{
    for (const struct any *c = node ? any_first(node) : NULL; c; c = any_next(c))
        for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
            if (strcmp(any_name(c), features[i].name) == 0)
                return error_set(&op->err, features[i].code, NULL);
    return 0;
}

static int check_delivery(struct op *op, const struct any *delivery)
{
    const char *mode = delivery ? any_attribute(delivery, "", "Mode") : NULL;

    if (!delivery)
        return error_set(&op->err, ERR_EVENT_MESSAGE, "The subscription has no Delivery.");
    if (mode && !listed(modes, sizeof(modes) / sizeof(modes[0]), mode))
        return error_set(&op->err, ERR_EVENT_MODE, "There is no delivery mode '%.200s'.", mode);
    return 0;
}

int op_subscribe(struct op *op)
{
    const struct any *root = op->request.body.invoke.root;
    const struct any *delivery = root ? any_child(root, "Delivery") : NULL;

    if (!root || strcmp(any_name(root), "Subscribe") != 0 || strcmp(any_ns(root), NS_E) != 0)
        return error_set(&op->err, ERR_EVENT_MESSAGE, "The body is no Subscribe.");
    if (check_filter(op, root) != 0 || check_delivery(op, delivery) != 0 ||
        check_features(op, root) != 0 || check_features(op, delivery) != 0)
        return -1;
    return error_set(&op->err, ERR_NO_EVENTS, NULL);
}

int op_no_subscription(struct op *op)
{
    return error_set(&op->err, ERR_EVENT_RENEW, NULL);
}
