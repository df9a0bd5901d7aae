/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/reply.h"

#include "base/hurry.h"
#include "base/log.h"
#include "wsman/any.h"
#include "wsman/charset.h"
#include "wsman/headers.h"
#include "wsman/names.h"

#include <stdio.h>
#include <string.h>

enum { MOST_REPLIES = 4000 /* octets of most envelopes */ };

/* The namespaces of fault subcodes, and the actions of their faults (DSP0226 section 14). */
static const struct {
    char prefix;
    const char *action;
} fault_actions[] = {
    { 'w', "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault" },
    { 'a', NS_A "/fault" },
    { 'n', NS_N "/fault" },
    { 'x', NS_X "/fault" },
    { 'e', NS_E "/fault" },
    { 'b', "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/fault" },
    { 's', NS_A "/fault" },
};

static void element(struct strbuf *out, const char *open, const char *text, const char *close)
{
    strbuf_puts(out, open);
    strbuf_xml(out, text);
    strbuf_puts(out, close);
}

/* R5.4.2-5: what the client wants to have back as headers. */
static void echo(const struct any *const parents[2], struct strbuf *out)
{
    for (int i = 0; i < 2; i++)
        for (const struct any *c = parents[i] ? any_first(parents[i]) : NULL; c; c = any_next(c))
            any_write(c, out);
}

static void reply_headers(struct op *op, const char *action)
{
    const struct headers *h = &op->request.headers;
    struct strbuf *out = &op->reply->body;
    struct guid id = guid_random();

    element(out, "<a:Action>", action, "</a:Action>");
    strbuf_printf(out, "<a:MessageID>uuid:%s</a:MessageID>", GUID_STR(&id));
    if (h->operation_id && !op->terse)
        element(out, "<p:OperationID s:mustUnderstand=\"false\">", h->operation_id, "</p:OperationID>");
    if (h->sequence_id && !op->terse)
        element(out, "<p:SequenceId>", h->sequence_id, "</p:SequenceId>");
    strbuf_puts(out, "<a:To>" ANONYMOUS "</a:To>");
    if (h->message_id && strnlen(h->message_id, URI_MOST + 1) <= URI_MOST)
        element(out, "<a:RelatesTo>", h->message_id, "</a:RelatesTo>");
    if (!op->terse)
        echo(op->err.code && h->fault_to ? h->fault_to_echo : h->reply_to_echo, out);
}

void reply_begin(struct op *op, const char *action)
{
    struct strbuf *out = &op->reply->body;

    strbuf_reserve(out, MOST_REPLIES);
    strbuf_puts(out, "<s:Envelope xml:lang=\"en-US\" xmlns:s=\"" NS_S "\" xmlns:a=\"" NS_A
                     "\" xmlns:n=\"" NS_N "\" xmlns:w=\"" NS_W "\" xmlns:x=\"" NS_X
                     "\" xmlns:e=\"" NS_E "\" xmlns:b=\"" NS_B "\" xmlns:p=\"" NS_P "\">");
    op->header_end = 0;
    if (action) {
        strbuf_puts(out, "<s:Header>");
        reply_headers(op, action);
        op->header_end = out->len;
        strbuf_puts(out, "</s:Header><s:Body>");
    } else {
        strbuf_puts(out, "<s:Header/><s:Body>");
    }
}

void reply_header(struct op *op, const char *text)
{
    if (!op->header_end)
        return;
    strbuf_insert(&op->reply->body, op->header_end, text);
    op->header_end += strlen(text);
}

void reply_end(struct op *op)
{
    strbuf_puts(&op->reply->body, "</s:Body></s:Envelope>");
}

static const char *fault_action(char prefix)
{
    for (size_t i = 0; i < sizeof(fault_actions) / sizeof(fault_actions[0]); i++)
        if (fault_actions[i].prefix == prefix)
            return fault_actions[i].action;
    return fault_actions[0].action;
}

static void fault_code(struct strbuf *out, const struct error_row *row)
{
    /* SOAP's own codes stand alone; all others are subcodes of Sender or Receiver. */
    if (row->subcode[0] == 's') {
        strbuf_printf(out, "<s:Code><s:Value>%s</s:Value></s:Code>", row->subcode);
        return;
    }
    strbuf_printf(out, "<s:Code><s:Value>s:%s</s:Value><s:Subcode><s:Value>%s</s:Value></s:Subcode></s:Code>",
                  row->receiver ? "Receiver" : "Sender", row->subcode);
}

/* The failure as newer Windows has it from its CIM layer (windows-shapes.md, MI style). */
static void cim_error(struct op *op, const struct error_row *row)
{
    struct strbuf *out = &op->reply->body;

    strbuf_puts(out, "<p:MSFT_WmiError b:IsCIM_Error=\"true\" xmlns:p=\"" URI_DMTF "MSFT_WmiError\" "
                     "xmlns:cim=\"" NS_CIM "\" xmlns:xsi=\"" NS_XSI "\" xsi:type=\"p:MSFT_WmiError_Type\">");
    strbuf_printf(out, "<p:CIMStatusCode xsi:type=\"cim:cimUnsignedInt\">%u</p:CIMStatusCode>", row->cim);
    element(out, "<p:Message xsi:type=\"cim:cimString\">", op->err.message, "</p:Message>");
    strbuf_printf(out,
                  "<p:MessageID xsi:type=\"cim:cimString\">HRESULT 0x%08lx</p:MessageID>"
                  "<p:OwningEntity xsi:type=\"cim:cimString\">cimsnapd</p:OwningEntity>"
                  "<p:PerceivedSeverity xsi:type=\"cim:cimUnsignedShort\">0</p:PerceivedSeverity>"
                  "<p:ProbableCause xsi:type=\"cim:cimUnsignedShort\">0</p:ProbableCause>"
                  "<p:error_Code xsi:type=\"cim:cimUnsignedInt\">%lu</p:error_Code>"
                  "<p:error_Type xsi:type=\"cim:cimString\">HRESULT</p:error_Type>",
                  row->windows, row->windows);
    element(out, "<p:error_WindowsErrorMessage xsi:type=\"cim:cimString\">", row->text,
            "</p:error_WindowsErrorMessage></p:MSFT_WmiError>");
}

static void fault_detail(struct op *op, const struct error_row *row)
{
    struct strbuf *out = &op->reply->body;

    strbuf_puts(out, "<s:Detail>");
    if (*row->detail)
        strbuf_printf(out, "<w:FaultDetail>" FAULT_DETAIL "%s</w:FaultDetail>", row->detail);
    if (op->err.code == ERR_FRAGMENT_DIALECT)
        strbuf_puts(out, "<w:FragmentDialect>" DIALECT_XPATH "</w:FragmentDialect>");
    strbuf_printf(out, "<f:WSManFault xmlns:f=\"" NS_F "\" Code=\"%lu\" Machine=\"", row->windows);
    if (!op->in->anonymous) /* nobody is told where he is */
        strbuf_xml(out, core_host_name(op->wsman->core));
    element(out, "\"><f:Message>", op->err.message, "</f:Message></f:WSManFault>");
    if (row->cim)
        cim_error(op, row);
    strbuf_puts(out, "</s:Detail>");
}

/* SOAP 1.2 part 1, 5.4.8: the header that was not understood. */
static void not_understood(struct op *op)
{
    const struct request *request = &op->request;
    struct strbuf text = STRBUF_INIT;

    if (op->err.code != ERR_NOT_UNDERSTOOD || !request->refused_name)
        return;
    strbuf_puts(&text, "<s:NotUnderstood");
    if (request->refused_ns && *request->refused_ns && strlen(request->refused_ns) <= URI_MOST)
        element(&text, " xmlns:q=\"", request->refused_ns, "\" qname=\"q:");
    else
        strbuf_puts(&text, " qname=\"");
    strbuf_xml(&text, request->refused_name);
    strbuf_puts(&text, "\"/>");
    op->reply->body.failed |= text.failed;
    reply_header(op, strbuf_str(&text));
    strbuf_free(&text);
}

static void write_fault(struct op *op, const struct error_row *row)
{
    struct strbuf *out = &op->reply->body;

    strbuf_free(out);
    reply_begin(op, fault_action(row->subcode[0]));
    not_understood(op);
    strbuf_puts(out, "<s:Fault>");
    fault_code(out, row);
    strbuf_puts(out, "<s:Reason><s:Text xml:lang=\"en-US\">");
    strbuf_xml(out, op->err.message);
    strbuf_puts(out, "</s:Text></s:Reason>");
    fault_detail(op, row);
    strbuf_puts(out, "</s:Fault>");
    reply_end(op);
}

/* What is wrong may have been found before the client's limit was read; every legal one is above this. */
static size_t fault_room(const struct op *op)
{
    if (op->max_envelope)
        return op->max_envelope;
    return op->request.headers.max_envelope_size ? LEAST_ENVELOPE : (size_t)-1;
}

/* A fault is never larger than the client takes (R6.2-2), whatever the request wants to have back. */
void reply_fault(struct op *op)
{
    const struct error_row *row = error_row(op->err.code);
    const struct strbuf *out = &op->reply->body;

    snprintf(op->reply->result, sizeof(op->reply->result), "%s: %.140s", row->subcode + 2,
             op->err.message);
    if ((op->err.cause[0] || op->err.code == ERR_INTERNAL) && !hurry_balked())
        log_event(LOG_WARN, "cause", "error", row->name, "at", op->err.where, "cause", op->err.cause,
                  NULL);
    op->reply->status = 500;
    op->terse = false;
    write_fault(op, row);
    if ((op->reply->utf16 ? charset_encoded_length(out) : out->len) > fault_room(op)) {
        op->terse = true;
        write_fault(op, row);
    }
}
