/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target: a whole request of an operator, from its octets to those of the reply, which must be
 * well-formed and fit its status. No snapshot is ever made, so that one input does not change the next.
 */
#include "base/log.h"
#include "wsman/wsman.h"

#include <libxml/parser.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct wsman *open_once(void)
{
    static struct wsman *wsman;
    static struct config config;
    struct core *core;

    if (wsman)
        return wsman;
    log_set_level((enum log_level)-1);
    if (config_init(&config, NULL) != 0)
        abort();
    free(config.backend_module);
    free(config.backend_uri);
    free(config.store_path);
    config.sweep_seconds = 0;
    config.jobs_keep = 10;
    config.backend_module = strdup("memory");
    config.backend_uri = strdup("memory:?vms=demo:running,web:off&fail=create");
    config.store_path = strdup(":memory:");
    if (core_open(&core, &config, NULL) != 0 || wsman_open(&wsman, &config, core, NULL) != 0)
        abort();
    return wsman;
}

static void check(const struct wsman_reply *reply)
{
    const char *text = strbuf_str(&reply->body);
    xmlDoc *doc;

    if (!strbuf_ok(&reply->body) || (reply->status != 200 && reply->status != 500))
        abort();
    if (reply->utf16)
        return;
    if ((reply->status == 500) != (strstr(text, "<s:Fault>") != NULL))
        abort();
    doc = xmlReadMemory(text, (int)reply->body.len, NULL, NULL,
                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
    if (!doc)
        abort();
    xmlFreeDoc(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct principal who = { "operator", ROLE_OPERATOR, "*", NULL };
    struct wsman_reply reply = { .body = STRBUF_INIT };
    const struct wsman_request request = {
        .body = (const char *)data, .length = size, .charset = "", .who = &who
    };

    wsman_handle(open_once(), &request, &reply);
    check(&reply);
    strbuf_free(&reply.body);
    return 0;
}
