/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every row of errors.def as a fault on the wire: code, subcode, detail and Action of its namespace, Windows'
 * code, and the CIM error where there is one. The backend fails with each in turn.
 */
#include "unit.h"

#include "wsman/names.h"
#include "wsman/wsman.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

static const char request[] =
    "<s:Envelope xmlns:s='" NS_S "' xmlns:a='" NS_A "' xmlns:w='" NS_W "' xmlns:n='" NS_N
    "'><s:Header><a:To>x</a:To><a:Action>" NS_N "/Enumerate</a:Action><a:MessageID>uuid:1</a:MessageID>"
    "<a:ReplyTo><a:Address>" ANONYMOUS "</a:Address></a:ReplyTo><w:ResourceURI>" URI_MICROSOFT
    "root/virtualization/v2/Msvm_VirtualSystemSettingData</w:ResourceURI></s:Header><s:Body><n:Enumerate/>"
    "</s:Body></s:Envelope>";

static const struct {
    char prefix;
    const char *action;
} actions[] = {
    { 'a', NS_A "/fault" },
    { 'b', "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/fault" },
    { 'e', NS_E "/fault" },
    { 'n', NS_N "/fault" },
    { 's', NS_A "/fault" },
    { 'w', "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault" },
    { 'x', NS_X "/fault" },
};

static char *ask(const char *code)
{
    static const struct principal who = { "alice", ROLE_VIEWER, "*", NULL };
    const struct wsman_request in = {
        .body = request, .length = sizeof(request) - 1, .charset = "", .who = &who
    };
    struct wsman_reply reply = { .body = STRBUF_INIT };
    struct wsman *wsman = NULL;
    struct core *core = NULL;
    struct config config = { 0 };
    struct error err = { 0 };

    CU_ASSERT_EQUAL_FATAL(config_init(&config, &err), 0);
    free(config.backend_module);
    free(config.backend_uri);
    free(config.store_path);
    config.sweep_seconds = 0;
    config.backend_module = strdup("memory");
    CU_ASSERT_TRUE_FATAL(asprintf(&config.backend_uri, "memory:?fail=list&fail_code=%s", code) > 0);
    config.store_path = strdup(":memory:");
    CU_ASSERT_EQUAL_FATAL(core_open(&core, &config, &err), 0);
    CU_ASSERT_EQUAL_FATAL(wsman_open(&wsman, &config, core, &err), 0);
    wsman_handle(wsman, &in, &reply);
    CU_ASSERT_EQUAL(reply.status, 500);
    wsman_close(wsman);
    core_close(core);
    config_free(&config);
    return strbuf_steal(&reply.body);
}

static void has(const char *reply, const char *name, const char *before, const char *value,
                const char *after)
{
    char text[400];

    snprintf(text, sizeof(text), "%s%s%s", before, value, after);
    if (!strstr(reply, text)) {
        printf("%s: no %s\n%s\n", name, text, reply);
        CU_FAIL("the fault lacks something");
    }
}

static const char *action_of(char prefix)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (actions[i].prefix == prefix)
            return actions[i].action;
    return "an unknown prefix";
}

static void check(const struct error_row *row, const char *reply)
{
    char number[32];
    xmlDoc *doc = xmlReadMemory(reply, (int)strlen(reply), NULL, NULL, XML_PARSE_NONET);

    CU_ASSERT_PTR_NOT_NULL(doc);
    xmlFreeDoc(doc);
    has(reply, row->name, "<a:Action>", action_of(row->subcode[0]), "</a:Action>");
    if (row->subcode[0] == 's') {
        has(reply, row->name, "<s:Code><s:Value>", row->subcode, "</s:Value></s:Code>");
    } else {
        has(reply, row->name, "<s:Code><s:Value>s:", row->receiver ? "Receiver" : "Sender", "</s:Value>");
        has(reply, row->name, "<s:Subcode><s:Value>", row->subcode, "</s:Value></s:Subcode>");
    }
    if (row->detail[0])
        has(reply, row->name, "<w:FaultDetail>" FAULT_DETAIL, row->detail, "</w:FaultDetail>");
    else
        CU_ASSERT_PTR_NULL(strstr(reply, "<w:FaultDetail>"));
    snprintf(number, sizeof(number), "%lu", row->windows);
    CU_ASSERT_NOT_EQUAL(row->windows, 0);
    has(reply, row->name, "<f:WSManFault xmlns:f=\"" NS_F "\" Code=\"", number, "\"");
    snprintf(number, sizeof(number), "%u", row->cim);
    if (row->cim)
        has(reply, row->name, ">", number, "</p:CIMStatusCode>");
    else
        CU_ASSERT_PTR_NULL(strstr(reply, "MSFT_WmiError"));
}

static void test_rows(void)
{
    for (int code = ERR_NONE + 1; code < ERR_COUNT; code++) {
        const struct error_row *row = error_row((enum error_code)code);
        char *reply = ask(row->name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(reply);
        check(row, reply);
        free(reply);
    }
}

/* Subcodes are names of the specifications, not of our own. */
static void test_names(void)
{
    static const char *const known[] = {
        "a:ActionNotSupported", "a:DestinationUnreachable", "a:EndpointUnavailable", "a:InvalidMessageInformationHeader",
        "a:MessageInformationHeaderRequired", "b:PolymorphismModeNotSupported", "e:DeliveryModeRequestedUnavailable",
        "e:EventSourceUnableToProcess", "e:FilteringNotSupported", "e:FilteringRequestedUnavailable",
        "e:InvalidExpirationTime", "e:InvalidMessage", "e:UnableToRenew", "e:UnsupportedExpirationType",
        "n:CannotProcessFilter", "n:FilterDialectRequestedUnavailable", "n:FilteringNotSupported",
        "n:InvalidEnumerationContext", "n:InvalidExpirationTime", "n:TimedOut", "n:UnsupportedExpirationType",
        "s:MustUnderstand", "s:VersionMismatch", "w:AccessDenied", "w:AlreadyExists", "w:Concurrency",
        "w:DeliveryRefused", "w:EncodingLimit", "w:EventDeliverToUnusable", "w:FragmentDialectNotSupported",
        "w:InternalError", "w:InvalidBookmark", "w:InvalidOptions", "w:InvalidParameter", "w:InvalidSelectors",
        "w:NoAck", "w:QuotaLimit", "w:SchemaValidationError", "w:TimedOut", "w:UnsupportedFeature",
        "x:InvalidRepresentation",
    };
    size_t used = 0;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        bool found = false;
        for (int code = ERR_NONE + 1; code < ERR_COUNT; code++)
            found |= strcmp(error_row((enum error_code)code)->subcode, known[i]) == 0;
        if (!found)
            printf("no row for %s\n", known[i]);
        CU_ASSERT_TRUE(found);
        used += found;
    }
    for (int code = ERR_NONE + 1; code < ERR_COUNT; code++) {
        bool found = false;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            found |= strcmp(error_row((enum error_code)code)->subcode, known[i]) == 0;
        CU_ASSERT_TRUE(found);
    }
    CU_ASSERT_TRUE(used > 30);
}

UNIT_MAIN({ "every row as a fault", test_rows }, { "names of the specifications", test_names })
