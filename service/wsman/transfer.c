/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * WS-Transfer: Get, Put, Create, Delete (DSP0226 section 7, DSP0227 section 9).
 */
#include "wsman/op.h"

#include "wsman/encode.h"
#include "wsman/fragment.h"
#include "wsman/representation.h"
#include "wsman/reply.h"

#include <string.h>

/* DSP0227 R6-1. */
static int check_target(struct op *op)
{
    if (strcmp(op->request.target.class, "*") != 0)
        return 0;
    return error_set(&op->err, ERR_BAD_ACTION, "This action needs a class, not all classes.");
}

static int find(struct op *op, struct cim_instance *out)
{
    return check_target(op) ||
                   cim_resolve(&op->call, op->request.target.ns, op->request.target.ref, out)
               ? -1
               : 0;
}

/* R6.5-1. */
static void tell_epr(struct op *op, const struct cim_instance *instance)
{
    struct strbuf text = STRBUF_INIT;
    struct encoder e = { &text, &op->call, op->request.target.form };

    if (!op->request.headers.request_epr)
        return;
    strbuf_puts(&text, "<w:RequestedEPR>");
    encode_epr(&e, instance);
    strbuf_puts(&text, "</w:RequestedEPR>");
    op->reply->body.failed |= text.failed;
    reply_header(op, strbuf_str(&text));
    strbuf_free(&text);
}

static void write_instance(struct op *op, const struct cim_instance *instance)
{
    struct encoder e = { &op->reply->body, &op->call, op->request.target.form };

    encode_instance(&e, instance);
}

int op_get(struct op *op)
{
    struct cim_instance instance;

    if (find(op, &instance) != 0)
        return -1;
    tell_epr(op, &instance);
    if (op->request.headers.fragment)
        return fragment_get(op, &instance);
    write_instance(op, &instance);
    return 0;
}

/* Only what differs reaches the class, and only where it may be written. */
static int change(struct op *op, const struct cim_instance *instance,
                  const struct cim_change *changes, size_t count)
{
    if (count == 0)
        return 0;
    if (!instance->class->put)
        return error_set(&op->err, ERR_REPRESENTATION_VALUES, "Instances of %.100s cannot be changed.",
                         instance->class->name);
    if (instance->class->put(&op->call, instance, changes, count) != 0)
        return -1;
    op->effect = true;
    op->call.memo = NULL; /* what was looked up before is no longer true */
    return 0;
}

/* The instance as it is now; what is gone by then is not told. */
static int write_changed(struct op *op)
{
    struct cim_instance instance;

    if (find(op, &instance) != 0)
        return -1;
    tell_epr(op, &instance);
    if (op->request.headers.fragment)
        return fragment_get(op, &instance);
    write_instance(op, &instance);
    return 0;
}

int op_put(struct op *op)
{
    struct cim_instance instance;
    struct changes changes = { 0 };
    int rc;

    if (find(op, &instance) != 0)
        return -1;
    if (op->request.headers.fragment)
        rc = fragment_read(op, &instance, &changes);
    else
        rc = representation_read(op, &instance, &changes);
    if (rc != 0 || change(op, &instance, changes.items, changes.count) != 0)
        return -1;
    return write_changed(op);
}

int op_create(struct op *op)
{
    const struct target *target = &op->request.target;
    const struct cim_class *class;
    struct encoder e = { &op->reply->body, &op->call, target->form };
    struct changes given = { 0 };
    struct cim_instance made;

    if (check_target(op) != 0)
        return -1;
    class = cim_class_find(target->ns, target->class);
    if (!class)
        return error_set(&op->err, ERR_BAD_CLASS, "There is no class '%.100s' here.", target->class);
    if (!class->create)
        return error_set(&op->err, ERR_BAD_ACTION, "Instances of %.100s cannot be created.", class->name);
    if (representation_read_new(op, class, &given) != 0 ||
        class->create(&op->call, given.items, given.count, &made) != 0)
        return -1;
    op->effect = true;
    strbuf_puts(&op->reply->body, "<x:ResourceCreated>");
    encode_reference(&e, cim_ref_of(&made, &op->arena));
    strbuf_puts(&op->reply->body, "</x:ResourceCreated>");
    tell_epr(op, &made);
    return 0;
}

int op_delete(struct op *op)
{
    struct cim_instance instance;

    if (find(op, &instance) != 0)
        return -1;
    if (!instance.class->remove)
        return error_set(&op->err, ERR_BAD_ACTION, "Instances of %.100s cannot be deleted.",
                         instance.class->name);
    if (instance.class->remove(&op->call, &instance) != 0)
        return -1;
    op->effect = true;
    return 0;
}
