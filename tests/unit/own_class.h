/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For tests of WS-Management on a class of the test's own: the registry holds just that one, and requests
 * go to it. Everything below is as it ships.
 */
#ifndef CIMSNAPD_TESTS_OWN_CLASS_H
#define CIMSNAPD_TESTS_OWN_CLASS_H

#include "cim/embedded.h"
#include "cim/reference.h"
#include "classes/rows.h"
#include "wsman/names.h"
#include "wsman/wsman.h"

#include <stdlib.h>
#include <string.h>

#define OWN_URI URI_MICROSOFT CIM_NS_V2 "/Own_Thing"

static struct core *own_core;
static struct wsman *own_wsman;
static struct config own_config;

static inline void own_open(void)
{
    CU_ASSERT_EQUAL_FATAL(config_init(&own_config, NULL), 0);
    free(own_config.backend_module);
    free(own_config.store_path);
    own_config.sweep_seconds = 0;
    own_config.backend_module = strdup("memory");
    own_config.store_path = strdup(":memory:");
    free(own_config.backend_uri);
    own_config.backend_uri = strdup("memory:");
    CU_ASSERT_EQUAL_FATAL(core_open(&own_core, &own_config, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(wsman_open(&own_wsman, &own_config, own_core, NULL), 0);
}

static inline void own_close(void)
{
    wsman_close(own_wsman);
    core_close(own_core);
    config_free(&own_config);
}

/* The reply to an action with these headers and this body; to be freed. */
static inline char *own_ask(const char *action, const char *headers, const char *body)
{
    static const struct principal who = { "alice", ROLE_OPERATOR, "*", NULL };
    struct wsman_request request = { .charset = "", .who = &who };
    struct wsman_reply reply = { .body = STRBUF_INIT };
    struct strbuf text = STRBUF_INIT;

    strbuf_printf(&text,
                  "<s:Envelope xmlns:s='" NS_S "' xmlns:a='" NS_A "' xmlns:w='" NS_W "' xmlns:p='" OWN_URI
                  "' xmlns:xsi='" NS_XSI "' xmlns:cim='" NS_CIM "'><s:Header><a:To>x</a:To><a:Action>%s</a:Action>"
                  "<a:MessageID>uuid:1</a:MessageID><a:ReplyTo><a:Address>" ANONYMOUS "</a:Address></a:ReplyTo>"
                  "<w:ResourceURI>" OWN_URI "</w:ResourceURI>%s</s:Header><s:Body>%s</s:Body></s:Envelope>",
                  action, headers, body);
    request.body = strbuf_str(&text);
    request.length = text.len;
    wsman_handle(own_wsman, &request, &reply);
    strbuf_free(&text);
    return strbuf_steal(&reply.body);
}

/* True when the reply holds the text. */
static inline bool own_says(const char *action, const char *headers, const char *body, const char *text)
{
    char *reply = own_ask(action, headers, body);
    bool found = reply && strstr(reply, text);

    if (!found)
        printf("no %s in\n%s\n", text, reply ? strstr(reply, "<s:Body>") : "nothing");
    free(reply);
    return found;
}

#endif
