/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Invoke: every method of every class goes through here (MS-WSMV 3.1.4.10, DSP0227).
 */
#include "wsman/invoke.h"

#include "wsman/encode.h"
#include "wsman/names.h"

#include <stdio.h>
#include <string.h>

/* The method by its name, on the class the URI names or one derived from it. */
static const struct cim_method *find_method(struct op *op)
{
    const struct target *target = &op->request.target;
    const struct cim_class *class;
    const struct cim_method *method = NULL;
    size_t cursor = 0;
    bool known = false;

    while (!method && (class = cim_class_next(target->ns, target->class, &cursor))) {
        known = true;
        method = cim_method_find(class, op->method);
    }
    if (!known)
        error_set(&op->err, ERR_BAD_CLASS, "There is no class '%.100s' here.", target->class);
    else if (!method)
        error_set(&op->err, ERR_BAD_ACTION, "The class %.100s has no method %.100s.", target->class,
                  op->method);
    return method;
}

/* The _INPUT element must be that of the method; its namespace is not looked at, since clients are
 * known to get it wrong. */
static int check_input(struct op *op, const struct cim_method *method)
{
    const char *element = op->request.body.invoke.element;
    size_t len = strlen(method->name);

    if (op->request.kind == BODY_EMPTY)
        return 0;
    if (op->request.kind == BODY_INVOKE && strncmp(element, method->name, len) == 0 &&
        strcmp(element + len, "_INPUT") == 0)
        return 0;
    return error_set(&op->err, ERR_SCHEMA, "The body of this request must be %s_INPUT.", method->name);
}

static void write_output(struct op *op, const struct cim_method *method,
                         const struct cim_value *values, unsigned ret)
{
    struct strbuf *out = &op->reply->body;
    struct encoder e = { out, &op->call, op->request.target.form };

    strbuf_printf(out, "<p:%s_OUTPUT xmlns:xsi=\"" NS_XSI "\" xmlns:p=\"", method->name);
    strbuf_xml(out, op->request.headers.resource_uri);
    strbuf_puts(out, "\" xmlns:cim=\"" NS_CIM "\">");
    for (size_t i = 0; i < method->parameter_count; i++) {
        const struct cim_parameter *p = &method->parameters[i];
        struct cim_property row = { .name = p->name, .type = p->type, .flags = p->flags & CIM_ARRAY };
        if (p->flags & CIM_OUT)
            encode_value(&e, "p:", &row, &values[i]);
    }
    strbuf_printf(out, "<p:ReturnValue>%u</p:ReturnValue></p:%s_OUTPUT>", ret, method->name);
}

/* Calls the method. Of its errors those that have a return code become one, the rest stay faults. */
static int call_method(struct op *op, const struct cim_method *method,
                       const struct cim_instance *self, struct cim_value *out, unsigned *ret)
{
    const struct cim_argument *in = NULL;
    const struct error_row *row;

    if (method->refused)
        error_set(&op->err, ERR_NOT_SUPPORTED, NULL);
    else
        in = arguments_read(op, method);
    if (in && method->invoke(&op->call, self, in, out, ret) == 0) {
        op->effect = true;
        snprintf(op->reply->result, sizeof(op->reply->result), "ReturnValue=%u", *ret);
        return 0;
    }
    row = error_row(op->err.code);
    if (!row->returns)
        return -1;
    *ret = method->family_b ? row->family_b : row->family_a;
    memset(out, 0, method->parameter_count * sizeof(*out));
    snprintf(op->reply->result, sizeof(op->reply->result), "ReturnValue=%u: %.130s", *ret,
             op->err.message);
    error_clear(&op->err);
    return 0;
}

int op_invoke(struct op *op)
{
    const struct cim_method *method = find_method(op);
    struct cim_instance self;
    struct cim_value *out;
    unsigned ret;

    if (!method || check_input(op, method) != 0)
        return -1;
    op->reply->mutation = method->role > ROLE_VIEWER;
    if (!access_allows(op->in->who, method->role))
        return error_set(&op->err, ERR_ACCESS_DENIED, NULL);
    if (cim_resolve(&op->call, op->request.target.ns, op->request.target.ref, &self) != 0)
        return -1;
    method = cim_method_find(self.class, op->method); /* a base class may have led elsewhere */
    if (!method)
        return error_set(&op->err, ERR_BAD_ACTION, "The class %.100s has no method %.100s.",
                         self.class->name, op->method);
    if (!access_allows(op->in->who, method->role))
        return error_set(&op->err, ERR_ACCESS_DENIED, NULL);
    out = arena_alloc(&op->arena, (method->parameter_count + 1) * sizeof(*out));
    if (!out)
        return error_set(&op->err, ERR_NO_MEMORY, NULL);
    if (call_method(op, method, &self, out, &ret) != 0)
        return -1;
    write_output(op, method, out, ret);
    return 0;
}
