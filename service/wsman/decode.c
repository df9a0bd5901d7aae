/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/decode.h"

#include "wsman/any.h"
#include "wsman/gsoap.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"

enum { ANY_DEPTH = 1000, BODY_ROOM = 16 };

static size_t decoder_recv(struct soap *soap, char *to, size_t room)
{
    struct decoder *d = soap->user;
    size_t n = d->left < room ? d->left : room;

    memcpy(to, d->p, n);
    d->p += n;
    d->left -= n;
    return n;
}

struct decoder *decoder_new(void)
{
    struct decoder *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    d->soap = soap_new1(SOAP_IO_BUFFER | SOAP_ENC_PLAIN | SOAP_C_UTFSTRING | SOAP_XML_TREE);
    if (!d->soap) {
        free(d);
        return NULL;
    }
    soap_set_namespaces(d->soap, namespaces);
    d->soap->user = d;
    d->soap->frecv = decoder_recv;
    d->soap->maxlevel = ANY_DEPTH;
    return d;
}

void decoder_free(struct decoder *d)
{
    if (!d)
        return;
    decode_end(d);
    soap_free_temp(d->soap);
    gsoap_free_attributes(d->soap, 0);
    free(d->soap->local_namespaces);
    d->soap->local_namespaces = NULL;
    soap_free(d->soap);
    free(d);
}

/* soap_end() without soap_free_temp(), which soap_begin_recv() calls for the next request anyway. */
void decode_end(struct decoder *d)
{
    soap_destroy(d->soap);
    soap_dealloc(d->soap, NULL);
    arena_free(&d->arena);
}

/* What is no text (URIs, numbers, durations, names of modes) may have blanks around it. The copy is
 * ours. */
static const char *bare(char *text)
{
    size_t len;

    if (!text)
        return NULL;
    text += strspn(text, BLANKS);
    len = strlen(text);
    while (len && strchr(BLANKS, text[len - 1]))
        len--;
    text[len] = '\0';
    return text;
}

static const char *address(const struct wsa__EndpointReferenceType *epr)
{
    return epr ? (epr->Address ? bare(epr->Address) : "") : NULL;
}

static void copy_echo(const struct wsa__EndpointReferenceType *epr, const struct any *out[2])
{
    out[0] = epr ? (const struct any *)epr->ReferenceParameters : NULL;
    out[1] = epr ? (const struct any *)epr->ReferenceProperties : NULL;
}

static void copy_headers(const struct SOAP_ENV__Header *in, struct headers *out)
{
    out->to = in->wsa__To;
    out->action = bare(in->wsa__Action);
    out->message_id = in->wsa__MessageID;
    out->reply_to = address(in->wsa__ReplyTo);
    out->fault_to = address(in->wsa__FaultTo);
    out->resource_uri = bare(in->wsman__ResourceURI);
    out->operation_timeout = bare(in->wsman__OperationTimeout);
    out->operation_id = in->wsmv__OperationID;
    out->sequence_id = in->wsmv__SequenceId;
    if (in->wsman__MaxEnvelopeSize) {
        out->max_envelope_size = bare(in->wsman__MaxEnvelopeSize->__item);
        out->envelope_policy = in->wsman__MaxEnvelopeSize->Policy;
    }
    if (in->wsman__SelectorSet) {
        out->selectors = (const struct any *)in->wsman__SelectorSet->Selector;
        out->selector_count = (size_t)in->wsman__SelectorSet->__sizeSelector;
    }
    if (in->wsman__OptionSet) {
        out->options = (const struct any *)in->wsman__OptionSet->Option;
        out->option_count = (size_t)in->wsman__OptionSet->__sizeOption;
    }
    out->locale = (const struct any *)in->wsman__Locale;
    out->data_locale = (const struct any *)in->wsmv__DataLocale;
    out->fragment = (const struct any *)in->wsman__FragmentTransfer;
    copy_echo(in->wsa__ReplyTo, out->reply_to_echo);
    copy_echo(in->wsa__FaultTo, out->fault_to_echo);
    out->request_epr = in->wsman__RequestEPR != NULL;
    out->total_count = in->wsman__RequestTotalItemsCountEstimate != NULL;
}

static const char *local_name(const char *tag)
{
    const char *colon = strchr(tag, ':');

    return colon ? colon + 1 : tag;
}

/* soap->tag is the header, and its prefix is still bound. */
static void note_refused(struct soap *soap, struct request *out)
{
    const char *ns = soap_current_namespace_tag(soap, soap->tag);
    struct decoder *d = soap->user;

    out->refused_name = arena_strdup(&d->arena, local_name(soap->tag));
    out->refused_ns = arena_strdup(&d->arena, ns);
}

/* What gSOAP says is wrong, in our words. */
static int decode_error(struct soap *soap, struct request *out, struct error *err)
{
    switch (soap->error) {
    case SOAP_EOM:
        return error_set(err, ERR_NO_MEMORY, NULL);
    case SOAP_MUSTUNDERSTAND:
        note_refused(soap, out);
        return error_set(err, ERR_NOT_UNDERSTOOD, "The header %s must be understood and is not known here.",
                         soap->tag);
    case SOAP_VERSIONMISMATCH:
        return error_set(err, ERR_SOAP_VERSION, NULL);
    case SOAP_TAG_MISMATCH:
        if (out->kind == BODY_INVOKE) /* an element that the method's stub has no place for */
            return error_set(err, ERR_PARAMETER_NAME, "The method takes no parameter %.100s, or takes it only once.",
                             local_name(soap->tag));
        /* fallthrough */
    default:
        error_set(err, ERR_SCHEMA, "The request does not follow the schema near element '%s'.",
                  soap->tag);
        return error_cause(err, "gSOAP error %d", soap->error);
    }
}

static int read_identify(struct soap *soap, struct request *out)
{
    out->kind = BODY_IDENTIFY;
    return soap_in__wsmid__Identify(soap, "wsmid:Identify", NULL, NULL) ? 0 : -1;
}

static int read_enumerate(struct soap *soap, struct request *out)
{
    struct _wsen__Enumerate *in = soap_in__wsen__Enumerate(soap, "wsen:Enumerate", NULL, NULL);

    if (!in)
        return -1;
    out->kind = BODY_ENUMERATE;
    out->body.enumerate = (struct enumerate_body){
        .optimize = in->__sizeOptimizeEnumeration > 0,
        .end_to = in->EndTo != NULL,
        .expires = bare(in->Expires),
        .mode = bare(in->wsman__EnumerationMode),
        .polymorphism = bare(in->wsmb__PolymorphismMode),
        .max_elements = bare(in->wsman__MaxElements),
        .filter = (const struct any *)(in->wsman__Filter ? in->wsman__Filter : in->Filter),
    };
    return 0;
}

static const char *context_text(xsd__anyType *context)
{
    struct soap_dom_element *element = context;

    return element ? (element->text ? bare((char *)element->text) : "") : NULL;
}

static int read_pull(struct soap *soap, struct request *out)
{
    struct _wsen__Pull *in = soap_in__wsen__Pull(soap, "wsen:Pull", NULL, NULL);

    if (!in)
        return -1;
    out->kind = BODY_PULL;
    out->body.pull = (struct pull_body){
        .context = context_text(in->EnumerationContext),
        .max_elements = bare(in->MaxElements),
        .max_time = bare(in->MaxTime),
        .max_characters = bare(in->MaxCharacters),
    };
    return 0;
}

static int read_release(struct soap *soap, struct request *out)
{
    struct _wsen__Release *in = soap_in__wsen__Release(soap, "wsen:Release", NULL, NULL);

    if (!in)
        return -1;
    out->kind = BODY_RELEASE;
    out->body.pull = (struct pull_body){ .context = context_text(in->EnumerationContext) };
    return 0;
}

static int read_renew(struct soap *soap, struct request *out)
{
    struct _wsen__Renew *in = soap_in__wsen__Renew(soap, "wsen:Renew", NULL, NULL);

    if (!in)
        return -1;
    out->kind = BODY_RENEW;
    out->body.pull = (struct pull_body){
        .context = context_text(in->EnumerationContext),
        .expires = bare(in->Expires),
    };
    return 0;
}

static int read_get_status(struct soap *soap, struct request *out)
{
    struct _wsen__GetStatus *in = soap_in__wsen__GetStatus(soap, "wsen:GetStatus", NULL, NULL);

    if (!in)
        return -1;
    out->kind = BODY_GET_STATUS;
    out->body.pull = (struct pull_body){ .context = context_text(in->EnumerationContext) };
    return 0;
}

static void add_input(struct invoke_body *body, const char *name, const xsd__anyType *value)
{
    if (value)
        body->inputs[body->count++] = (struct input){ name, (const struct any *)value };
}

static int read_create_snapshot(struct soap *soap, struct request *out)
{
    struct _p__CreateSnapshot_USCOREINPUT *in;
    struct invoke_body *body = &out->body.invoke;

    out->kind = BODY_INVOKE;
    soap->mode |= SOAP_XML_STRICT; /* else what the schema does not know would be skipped in silence */
    in = soap_in__p__CreateSnapshot_USCOREINPUT(soap, "p:CreateSnapshot_INPUT", NULL, NULL);
    soap->mode &= ~(soap_mode)SOAP_XML_STRICT;
    body->inputs = in ? soap_malloc(soap, 4 * sizeof(*body->inputs)) : NULL;
    if (!body->inputs)
        return -1;
    body->element = "CreateSnapshot_INPUT";
    body->root = NULL;
    body->count = 0;
    add_input(body, "AffectedSystem", in->AffectedSystem);
    add_input(body, "SnapshotSettings", in->SnapshotSettings);
    add_input(body, "SnapshotType", in->SnapshotType);
    add_input(body, "ResultingSnapshot", in->ResultingSnapshot);
    return 0;
}

/* Every method without a stub of its own, and instances. */
static int read_invoke(struct soap *soap, struct request *out)
{
    const struct any *root = (const struct any *)soap_in_xsd__anyType(soap, NULL, NULL, NULL);
    struct invoke_body *body = &out->body.invoke;
    size_t room = 0;

    if (!root)
        return -1;
    out->kind = BODY_INVOKE;
    body->element = any_name(root);
    body->root = root;
    body->count = 0;
    for (const struct any *c = any_first(root); c; c = any_next(c))
        room++;
    body->inputs = soap_malloc(soap, (room + 1) * sizeof(*body->inputs));
    if (!body->inputs)
        return -1;
    for (const struct any *c = any_first(root); c; c = any_next(c))
        body->inputs[body->count++] = (struct input){ any_name(c), c };
    return 0;
}

static const struct {
    const char *tag;
    int (*read)(struct soap *soap, struct request *out);
} bodies[] = {
    { "wsmid:Identify", read_identify },
    { "wsen:Enumerate", read_enumerate },
    { "wsen:Pull", read_pull },
    { "wsen:Release", read_release },
    { "wsen:Renew", read_renew },
    { "wsen:GetStatus", read_get_status },
    { "p:CreateSnapshot_INPUT", read_create_snapshot },
    { NULL, read_invoke },
};

static int read_body(struct soap *soap, struct request *out)
{
    size_t i = 0;

    if (soap_peek_element(soap) != SOAP_OK) {
        if (soap->error != SOAP_NO_TAG)
            return -1;
        soap->error = SOAP_OK;
        out->kind = BODY_EMPTY;
        return 0;
    }
    while (bodies[i].tag && soap_match_tag(soap, soap->tag, bodies[i].tag) != SOAP_OK)
        i++;
    soap->error = SOAP_OK;
    if (bodies[i].read(soap, out) != 0)
        return -1;
    if (soap_peek_element(soap) == SOAP_OK) /* a second one: which would count? */
        return soap->error = SOAP_SYNTAX_ERROR, -1;
    if (soap->error != SOAP_NO_TAG)
        return -1;
    soap->error = SOAP_OK;
    return 0;
}

static int read_request(struct soap *soap, struct request *out, struct error *err)
{
    int rc = gsoap_begin_recv(soap) || soap_envelope_begin_in(soap) || soap_recv_header(soap);

    if (soap->header)
        copy_headers(soap->header, &out->headers);
    if (rc || soap_body_begin_in(soap) || read_body(soap, out) != 0)
        return decode_error(soap, out, err);
    /* No soap_end_recv(): it resolves id and href, which SOAP_XML_TREE leaves alone, and takes
     * attachments. That nothing follows the envelope the guard has seen. */
    if (soap_body_end_in(soap) || soap_envelope_end_in(soap))
        return decode_error(soap, out, err);
    return 0;
}

int decode_begin(struct decoder *d, const char *xml, size_t len, struct request *out,
                 struct error *err)
{
    memset(out, 0, sizeof(*out));
    d->p = xml;
    d->left = len;
    /* No soap_begin(), which clears tables as well: gsoap_begin_recv() sets everything back by itself. */
    if (setjmp(d->no_memory) == 0)
        return read_request(d->soap, out, err);
    d->soap->mode &= ~(soap_mode)SOAP_XML_STRICT;
    return error_set(err, ERR_NO_MEMORY, NULL);
}
