/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every action and every method on every class, as each kind of user and as nobody: who may not is
 * denied and changes nothing, and who does not see a machine finds no trace of it anywhere.
 */
#include "unit.h"

#include "cim/class.h"
#include "wsman/names.h"
#include "wsman/wsman.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define DEMO "3C9D9B48-27EE-55B8-AFCE-CC642678FCE8" /* the memory backend's machine "demo" */

static struct core *core;
static struct wsman *wsman;
static struct config config;

static const struct principal nobody = PRINCIPAL_NOBODY;
static const char *const profiles[] = { NULL };
static const struct principal no_role = { "norole", ROLE_NONE, "*", NULL };
static const struct principal viewer = { "viewer", ROLE_VIEWER, "*", NULL };
static const struct principal oper = { "operator", ROLE_OPERATOR, "*", NULL };
static const struct principal elsewhere = { "elsewhere", ROLE_OPERATOR, "web*", NULL };
static const struct principal nowhere = { "nowhere", ROLE_ADMINISTRATOR, "", NULL };
static const struct principal administrator = { "administrator", ROLE_ADMINISTRATOR, "*", NULL };

static void open_all(void)
{
    struct error err = { 0 };

    CU_ASSERT_EQUAL_FATAL(config_init(&config, &err), 0);
    free(config.backend_module);
    free(config.backend_uri);
    free(config.store_path);
    config.backend_module = strdup("memory");
    config.backend_uri = strdup("memory:?vms=demo:running,web:off");
    config.store_path = strdup(":memory:");
    CU_ASSERT_EQUAL_FATAL(core_open(&core, &config, &err), 0);
    CU_ASSERT_EQUAL_FATAL(wsman_open(&wsman, &config, core, &err), 0);
}

static void close_all(void)
{
    wsman_close(wsman);
    core_close(core);
    config_free(&config);
}

/* The reply to an action on a class; to be freed. */
static char *ask(const struct principal *who, const char *action, const char *uri, const char *body)
{
    struct strbuf text = STRBUF_INIT;
    struct wsman_reply reply = { .body = STRBUF_INIT };
    struct wsman_request request = { .charset = "", .anonymous = who == &nobody, .who = who,
                                     .profiles = profiles };

    strbuf_printf(&text,
                  "<s:Envelope xmlns:s='" NS_S "' xmlns:a='" NS_A "' xmlns:w='" NS_W "' xmlns:n='" NS_N
                  "'><s:Header><a:To>x</a:To><a:Action>%s</a:Action><a:MessageID>uuid:1</a:MessageID><a:ReplyTo>"
                  "<a:Address>" ANONYMOUS "</a:Address></a:ReplyTo><w:ResourceURI>" URI_MICROSOFT
                  "%s</w:ResourceURI></s:Header><s:Body>%s</s:Body></s:Envelope>",
                  action, uri, body);
    request.body = strbuf_str(&text);
    request.length = text.len;
    wsman_handle(wsman, &request, &reply);
    strbuf_free(&text);
    return strbuf_steal(&reply.body);
}

static bool denied(const char *reply)
{
    return strstr(reply, "w:AccessDenied") != NULL;
}

#define CONTEXT "<n:EnumerationContext>uuid:x</n:EnumerationContext>"

enum { ENUMERATE = 4 };

static const struct {
    const char *action, *body;
    bool writes;
} actions[] = {
    { NS_X "/Get", "", false },
    { NS_X "/Put", "", true },
    { NS_X "/Create", "", true },
    { NS_X "/Delete", "", true },
    [ENUMERATE] = { NS_N "/Enumerate",
                    "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>100</w:MaxElements></n:Enumerate>", false },
    { NS_N "/Pull", "<n:Pull>" CONTEXT "</n:Pull>", false },
    { NS_N "/Release", "<n:Release>" CONTEXT "</n:Release>", false },
    { NS_N "/Renew", "<n:Renew>" CONTEXT "</n:Renew>", false },
    { NS_N "/GetStatus", "<n:GetStatus>" CONTEXT "</n:GetStatus>", false },
    { NS_E "/Subscribe", "", false },
    { NS_E "/Renew", "", false },
    { NS_E "/GetStatus", "", false },
    { NS_E "/Unsubscribe", "", false },
};

/* Calls look() with the reply to every action and method of every class; `writes` tells whether it is for
 * operators. */
static void walk(const struct principal *who, void (*look)(const char *reply, bool writes))
{
    for (size_t c = 0; cim_class_registry[c]; c++) {
        const struct cim_class *class = cim_class_registry[c];
        char uri[128], action[256], *reply;

        snprintf(uri, sizeof(uri), "%s/%s", class->ns, class->name);
        for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
            reply = ask(who, actions[i].action, uri, actions[i].body);
            CU_ASSERT_PTR_NOT_NULL_FATAL(reply);
            look(reply, actions[i].writes);
            free(reply);
        }
        for (size_t i = 0; i < class->method_count; i++) {
            snprintf(action, sizeof(action), URI_MICROSOFT "%s/%s", uri, class->methods[i].name);
            reply = ask(who, action, uri, "");
            CU_ASSERT_PTR_NOT_NULL_FATAL(reply);
            look(reply, class->methods[i].role > ROLE_VIEWER);
            free(reply);
        }
    }
}

static size_t jobs(void)
{
    struct job_list list = { 0 };
    size_t count;

    CU_ASSERT_EQUAL(core_job_list(core, &administrator, &list, NULL), 0);
    count = list.count;
    job_list_clear(&list);
    return count;
}

static void look_denied(const char *reply, bool writes)
{
    (void)writes;
    CU_ASSERT_TRUE(denied(reply));
}

static void test_nobody(void)
{
    open_all();
    walk(&nobody, look_denied);
    walk(&no_role, look_denied);
    CU_ASSERT_EQUAL(jobs(), 0);
    close_all();
}

static void look_viewer(const char *reply, bool writes)
{
    CU_ASSERT_EQUAL(denied(reply), writes);
}

static void test_viewer(void)
{
    open_all();
    walk(&viewer, look_viewer);
    CU_ASSERT_EQUAL(jobs(), 0);
    close_all();
}

static void look_allowed(const char *reply, bool writes)
{
    (void)writes;
    CU_ASSERT_FALSE(denied(reply));
}

static void test_operator(void)
{
    open_all();
    walk(&oper, look_allowed);
    walk(&administrator, look_allowed);
    close_all();
}

/* A snapshot of demo by the operator, so that there is something to hide. */
static void make_snapshot(void)
{
    struct snapshot_order order = { .kind = SNAPSHOT_DISK, .name = "to be hidden" };
    struct snapshot_ticket ticket;
    struct job job = { 0 };
    struct error err = { 0 };

    CU_ASSERT_EQUAL_FATAL(guid_parse(&order.vm, DEMO), 0);
    CU_ASSERT_EQUAL_FATAL(core_snapshot_create(core, &oper, &order, &ticket, &err), 0);
    do {
        job_clear(&job);
        sched_yield();
        CU_ASSERT_EQUAL_FATAL(core_job_get(core, &oper, &ticket.job, &job, &err), 0);
    } while (!job_finished(&job));
    job_clear(&job);
}

static void look_hidden(const char *reply, bool writes)
{
    (void)writes;
    CU_ASSERT_PTR_NULL(strstr(reply, DEMO));
    CU_ASSERT_PTR_NULL(strstr(reply, ">demo"));
    CU_ASSERT_PTR_NULL(strstr(reply, "to be hidden"));
    CU_ASSERT_PTR_NULL(strstr(reply, "Snapshot of demo"));
}

static void test_scope(void)
{
    char *reply;

    open_all();
    make_snapshot();
    reply = ask(&oper, NS_N "/Enumerate", CIM_NS_V2 "/Msvm_VirtualSystemSettingData", actions[ENUMERATE].body);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "to be hidden")); /* it is there to be seen */
    free(reply);
    walk(&elsewhere, look_hidden);
    walk(&nowhere, look_hidden);
    close_all();
}

static void look_others_job(const char *reply, bool writes)
{
    (void)writes;
    CU_ASSERT_PTR_NULL(strstr(reply, "Snapshot of demo"));
}

static void test_jobs_of_others(void)
{
    char *reply;

    open_all();
    make_snapshot();
    walk(&viewer, look_others_job);
    reply = ask(&administrator, NS_N "/Enumerate", CIM_NS_V2 "/Msvm_ConcreteJob", actions[ENUMERATE].body);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply, "Snapshot of demo"));
    free(reply);
    close_all();
}

UNIT_MAIN({ "nobody is denied everything", test_nobody }, { "a viewer may read and call nothing", test_viewer },
          { "operators and administrators are not denied", test_operator },
          { "what is out of scope leaves no trace", test_scope }, { "jobs of others", test_jobs_of_others })
