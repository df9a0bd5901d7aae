/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Enumerations that do not fit into one page: whatever the number of items a Pull takes, every instance comes
 * once, and memory does not grow with the list.
 */
#include "unit.h"

#include "cim/class.h"
#include "wsman/names.h"
#include "wsman/wsman.h"

#include <stdlib.h>
#include <string.h>

#define V2 URI_MICROSOFT CIM_NS_V2 "/"

enum { MACHINES = 300, SNAPSHOTS = 2 /* of each */ };

static struct core *core;
static struct wsman *wsman;
static struct config config;

static const struct principal who = { "alice", ROLE_ADMINISTRATOR, "*", NULL };

static void make_snapshots(const struct vm *vm)
{
    struct snapshot_order order = { .vm = vm->id, .kind = SNAPSHOT_DISK };

    for (int i = 0; i < SNAPSHOTS; i++) {
        struct snapshot_ticket ticket;
        struct error err = { 0 };
        CU_ASSERT_EQUAL_FATAL(core_snapshot_create(core, &who, &order, &ticket, &err), 0);
        CU_ASSERT_EQUAL_FATAL(ticket.state, JOB_COMPLETED);
    }
}

static void open_all(unsigned machines)
{
    struct error err = { 0 };
    struct vm_list vms;

    CU_ASSERT_EQUAL_FATAL(config_init(&config, &err), 0);
    free(config.backend_module);
    free(config.backend_uri);
    free(config.store_path);
    config.sweep_seconds = 0;
    config.snapshot_job_grace_ms = 20000;
    config.backend_module = strdup("memory");
    CU_ASSERT_TRUE_FATAL(asprintf(&config.backend_uri, "memory:?vms=vm*%u:off", machines) > 0);
    config.store_path = strdup(":memory:");
    CU_ASSERT_EQUAL_FATAL(core_open(&core, &config, &err), 0);
    CU_ASSERT_EQUAL_FATAL(wsman_open(&wsman, &config, core, &err), 0);
    CU_ASSERT_EQUAL_FATAL(core_vm_list(core, &who, NULL, &vms, &err), 0);
    for (size_t i = 0; i < vms.count; i++)
        make_snapshots(&vms.items[i]);
    vm_list_clear(&vms);
}

static void close_all(void)
{
    wsman_close(wsman);
    core_close(core);
    config_free(&config);
}

/* The reply, to be freed. */
static char *ask(const char *action, const char *resource, const char *body)
{
    struct strbuf text = STRBUF_INIT;
    struct wsman_reply reply = { .body = STRBUF_INIT };
    struct wsman_request request = { .charset = "", .who = &who };

    strbuf_printf(&text,
                  "<s:Envelope xmlns:s='" NS_S "' xmlns:a='" NS_A "' xmlns:w='" NS_W "' xmlns:n='" NS_N
                  "'><s:Header><a:To>x</a:To><a:Action>" NS_N "/%s</a:Action><a:MessageID>uuid:1</a:MessageID>"
                  "<a:ReplyTo><a:Address>" ANONYMOUS "</a:Address></a:ReplyTo><w:MaxEnvelopeSize>100000000"
                  "</w:MaxEnvelopeSize><w:ResourceURI>%s</w:ResourceURI></s:Header><s:Body>%s</s:Body></s:Envelope>",
                  action, resource, body);
    request.body = strbuf_str(&text);
    request.length = text.len;
    wsman_handle(wsman, &request, &reply);
    strbuf_free(&text);
    return strbuf_steal(&reply.body);
}

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;

    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

enum { KEY = 128, KEYS_MOST = 4000 };

/* What marks an item in a reply: the text behind `mark` up to '<'. */
static void collect(const char *text, const char *mark, char (*keys)[KEY], size_t *n)
{
    while ((text = strstr(text, mark)) && *n < KEYS_MOST) {
        text += strlen(mark);
        snprintf(keys[(*n)++], KEY, "%.*s", (int)strcspn(text, "<"), text);
    }
}

/* Pulls `most` items a time to the end; the number of items, each of which came once. */
static size_t pull_all(const char *resource, const char *enumerate, unsigned most, const char *mark)
{
    static char keys[KEYS_MOST][KEY];
    char *reply = ask("Enumerate", resource, enumerate), *context, pull[300];
    size_t n = 0;

    while ((context = strstr(reply, "<n:EnumerationContext>uuid:"))) {
        snprintf(pull, sizeof(pull), "<n:Pull><n:EnumerationContext>%.41s</n:EnumerationContext><n:MaxElements>%u</n:MaxElements></n:Pull>",
                 context + strlen("<n:EnumerationContext>"), most);
        free(reply);
        reply = ask("Pull", V2 "Msvm_Anything", pull);
        CU_ASSERT_TRUE_FATAL(count(reply, mark) > 0 && count(reply, mark) <= most);
        collect(reply, mark, keys, &n);
    }
    CU_ASSERT_EQUAL(count(reply, "<n:EndOfSequence/>"), 1);
    free(reply);
    qsort(keys, n, sizeof(keys[0]), compare);
    for (size_t i = 1; i < n; i++)
        CU_ASSERT_STRING_NOT_EQUAL(keys[i - 1], keys[i]);
    return n;
}

#define ENUMERATE "<n:Enumerate/>"

static void test_all_once(void)
{
    static const unsigned sizes[] = { 1, 7, 64, 1000 };

    open_all(MACHINES);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        CU_ASSERT_EQUAL(pull_all(V2 "Msvm_ComputerSystem", ENUMERATE, sizes[i], "<p:Name>"), MACHINES + 1);
        CU_ASSERT_EQUAL(pull_all(URI_DMTF "CIM_VirtualSystemSettingData", ENUMERATE, sizes[i], "<p:InstanceID>"),
                        MACHINES * (1 + SNAPSHOTS));
    }
    close_all();
}

#define FILTER(dialect, text)                                                                     \
    "<n:Enumerate><w:Filter Dialect='" dialect "'>" text "</w:Filter></n:Enumerate>"

/* What a filter takes away does not disturb the place where a listing goes on. */
static void test_filters(void)
{
    open_all(MACHINES);
    CU_ASSERT_EQUAL(pull_all(V2 "*", FILTER(DIALECT_WQL, "SELECT * FROM Msvm_VirtualSystemSettingData "
                                                         "WHERE VirtualSystemType LIKE '%Snapshot%'"),
                             7, "<p:InstanceID>"),
                    MACHINES * SNAPSHOTS);
    CU_ASSERT_EQUAL(pull_all(V2 "*", FILTER(DIALECT_WQL, "SELECT * FROM Msvm_ComputerSystem WHERE ElementName LIKE 'vm%9'"),
                             3, "<p:Name>"), MACHINES / 10);
    CU_ASSERT_EQUAL(pull_all(V2 "Msvm_ComputerSystem", FILTER(DIALECT_XPATH, "EnabledState = 3"), 50, "<p:Name>"), MACHINES);
    close_all();
}

/* References have no name of their own: the snapshot tells them apart. */
static void test_associations(void)
{
    open_all(MACHINES);
    CU_ASSERT_EQUAL(pull_all(V2 "Msvm_SnapshotOfVirtualSystem", ENUMERATE, 10, "\"InstanceID\">"), MACHINES * SNAPSHOTS);
    close_all();
}

/* Instances of several classes under a common base. */
static void test_common_base(void)
{
    open_all(80);
    /* by the first property that differs: GUIDs, and names of what is there once. Each machine and snapshot has
     * 12 parts with settings, and the 18 kinds of part have 4 definitions each. */
    CU_ASSERT_TRUE(pull_all(URI_DMTF "CIM_SettingData", ENUMERATE, 50, "<p:InstanceID>") ==
                   80 * (1 + SNAPSHOTS) * 13 + 18 * 4);
    /* 7 of each, and 40 definitions: pages end among those of one snapshot */
    CU_ASSERT_EQUAL(pull_all(V2 "Msvm_ResourceAllocationSettingData", ENUMERATE, 3, "<p:InstanceID>"),
                    80 * (1 + SNAPSHOTS) * 7 + 40);
    CU_ASSERT_TRUE(pull_all(URI_DMTF "CIM_LogicalDevice", ENUMERATE, 50, "<p:DeviceID>") == 80 * 12);
    CU_ASSERT_TRUE(pull_all(URI_DMTF "CIM_System", ENUMERATE, 5, "<p:Name>") == 80 + 3);
    close_all();
}

UNIT_MAIN({ "every instance once, whatever a Pull takes", test_all_once }, { "filters", test_filters },
          { "associations", test_associations }, { "several classes", test_common_base })
