/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "classes/hyperv/summary.h"

#include "base/clock.h"
#include "cim/datetime.h"
#include "classes/hyperv/thumbnail.h"

#include <string.h>

/* Codes of RequestedInformation. */
enum {
    ELEMENT_NAME = 1,
    CREATION_TIME = 2,
    NOTES = 3,
    PROCESSORS = 4,
    SMALL_PICTURE = 5,
    LARGE_PICTURE = 7,
    SHIELDED = 11,
    ENABLED_STATE = 100,
    MEMORY_USAGE = 103,
    HEARTBEAT = 104,
    UPTIME = 105,
    SNAPSHOTS = 107,
    TASKS = 108,
    HEALTH = 109,
    STATUS = 110,
    STATUS_TEXTS = 111,
    REPLICATION_MODE = 114,
    REPLICATION_STATE = 115,
    REPLICATION_HEALTH = 116,
    SWAP_FILES = 120,
    OTHER_STATE = 132,
};

struct instances {
    struct cim_instance *items;
    size_t count;
};

struct summary {
    const struct vm *vm;             /* NULL for one of a snapshot */
    const struct snapshot *snapshot; /* the same the other way round */
    const struct vm_settings *said;
    const bool *codes;
    const char *picture;
    unsigned width, height;
    struct instances snapshots, tasks;
};

static const struct summary *of(const void *object)
{
    return object;
}

/* Those that only machines have. */
static const struct vm *vm_if(const void *object, int code)
{
    return of(object)->codes[code] ? of(object)->vm : NULL;
}

static const struct guid *id_of(const void *object)
{
    return of(object)->vm ? &of(object)->vm->id : &of(object)->snapshot->id;
}

static void get_instance_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = hv_settings_id(id_of(object), arena);
}

static void get_name(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_guid(out, arena, id_of(object));
}

static void get_element_name(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct summary *s = object;

    if (s->codes[ELEMENT_NAME])
        hv_text(out, arena, s->vm ? s->vm->title : s->snapshot->name);
}

static void get_creation_time(const void *object, struct arena *arena, struct cim_value *out)
{
    if (of(object)->codes[CREATION_TIME] && of(object)->snapshot)
        out->text = cim_datetime(of(object)->snapshot->created_us, arena);
}

static void get_notes(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct summary *s = object;

    if (s->codes[NOTES])
        hv_text(out, arena, s->snapshot ? s->snapshot->notes : s->said ? s->said->notes : NULL);
}

static void get_processors(const void *object, struct arena *arena, struct cim_value *out)
{
    if (vm_if(object, PROCESSORS))
        hv_number(out, arena, of(object)->vm->vcpus);
}

static void get_enabled_state(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (vm_if(object, ENABLED_STATE))
        out->text = hv_enabled_state(of(object)->vm);
}

static void get_other_state(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (vm_if(object, OTHER_STATE))
        out->text = hv_other_enabled_state(of(object)->vm);
}

static bool is_on(const struct vm *vm)
{
    return vm->state == VM_RUNNING || vm->state == VM_PAUSED || vm->state == VM_STOPPING;
}

/* In MiB: what the machine has while it is on. */
static void get_memory(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm *vm = vm_if(object, MEMORY_USAGE);

    if (vm)
        hv_number(out, arena, is_on(vm) ? vm->memory_kib / 1024 : 0);
}

/* 12 No Contact: nobody here listens to a guest's heart. */
static void get_heartbeat(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm *vm = vm_if(object, HEARTBEAT);

    (void)arena;
    if (vm && is_on(vm))
        out->text = "12";
}

static void get_uptime(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct vm *vm = vm_if(object, UPTIME);
    int64_t now = clock_now_us();

    if (!vm)
        return;
    if (!is_on(vm))
        out->text = "0";
    else if (vm->started_us && vm->started_us < now)
        hv_number(out, arena, (unsigned long long)(now - vm->started_us) / 1000);
}

static void get_health(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (vm_if(object, HEALTH))
        out->text = of(object)->vm->state == VM_CRASHED ? "20" : "5";
}

static void get_status(const void *object, struct arena *arena, struct cim_value *out)
{
    if (vm_if(object, STATUS))
        hv_operational_status(of(object)->vm, arena, out);
}

static void get_status_texts(const void *object, struct arena *arena, struct cim_value *out)
{
    if (vm_if(object, STATUS_TEXTS))
        hv_status_descriptions(of(object)->vm, arena, out);
}

static void get_replication_mode(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (vm_if(object, REPLICATION_MODE))
        out->text = "0";
}

static void get_replication_state(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (vm_if(object, REPLICATION_STATE))
        out->text = "0";
}

static void get_replication_health(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (vm_if(object, REPLICATION_HEALTH))
        out->text = "0";
}

static void get_shielded(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (of(object)->codes[SHIELDED])
        out->text = "false";
}

static void get_swap_files(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (vm_if(object, SWAP_FILES))
        out->text = "false";
}

static void get_picture(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = of(object)->picture;
}

static void get_width(const void *object, struct arena *arena, struct cim_value *out)
{
    if (of(object)->picture)
        hv_number(out, arena, of(object)->width);
}

static void get_height(const void *object, struct arena *arena, struct cim_value *out)
{
    if (of(object)->picture)
        hv_number(out, arena, of(object)->height);
}

static void get_snapshots(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->instances = of(object)->snapshots.items;
    out->count = of(object)->snapshots.count;
}

static void get_tasks(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->instances = of(object)->tasks.items;
    out->count = of(object)->tasks.count;
}

static const struct cim_property properties[] = {
    NIL("AllocatedGPU", STRING),
    NIL("ApplicationHealth", UINT16),
    GET_ARRAY("AsynchronousTasks", INSTANCE, get_tasks),
    NIL("AvailableMemoryBuffer", SINT32),
    GET("CreationTime", DATETIME, get_creation_time),
    GET("ElementName", STRING, get_element_name),
    GET("EnabledState", UINT16, get_enabled_state),
    NIL("EnhancedSessionModeState", UINT16),
    NIL("GuestOperatingSystem", STRING),
    GET("HealthState", UINT16, get_health),
    GET("Heartbeat", UINT16, get_heartbeat),
    NIL("HostComputerSystemName", STRING),
    KEY("InstanceID", get_instance_id),
    NIL("IntegrationServicesVersionState", UINT16),
    NIL("MemoryAvailable", SINT32),
    NIL("MemorySpansPhysicalNumaNodes", BOOLEAN),
    GET("MemoryUsage", UINT64, get_memory),
    GET("Name", STRING, get_name),
    GET("Notes", STRING, get_notes),
    GET("NumberOfProcessors", UINT16, get_processors),
    GET_ARRAY("OperationalStatus", UINT16, get_status),
    GET("OtherEnabledState", STRING, get_other_state),
    NIL("ProcessorLoad", UINT16),
    NIL_ARRAY("ProcessorLoadHistory", UINT16),
    GET("ReplicationHealth", UINT16, get_replication_health),
    NIL_ARRAY("ReplicationHealthEx", UINT16),
    GET("ReplicationMode", UINT16, get_replication_mode),
    NIL_ARRAY("ReplicationProviderId", STRING),
    GET("ReplicationState", UINT16, get_replication_state),
    NIL_ARRAY("ReplicationStateEx", UINT16),
    GET("Shielded", BOOLEAN, get_shielded),
    GET_ARRAY("Snapshots", INSTANCE, get_snapshots),
    GET_ARRAY("StatusDescriptions", STRING, get_status_texts),
    GET("SwapFilesInUse", BOOLEAN, get_swap_files),
    NIL("TestReplicaSystem", REFERENCE),
    /* octets, which go as base64 in one element */
    GET("ThumbnailImage", STRING, get_picture),
    GET("ThumbnailImageHeight", UINT16, get_height),
    GET("ThumbnailImageWidth", UINT16, get_width),
    GET("UpTime", UINT64, get_uptime),
    NIL("Version", STRING),
    NIL_ARRAY("VirtualSwitchNames", STRING),
    NIL("VirtualSystemSubType", STRING),
};

/* ---- filling one in ---- */

/* A sink that keeps what comes. */
struct keeper {
    struct cim_sink sink;
    struct instances *into;
};

static int keep(struct cim_sink *sink, const struct cim_instance *instance)
{
    struct instances *into = ((struct keeper *)sink)->into;

    into->items[into->count++] = *instance;
    return 0;
}

/* Room for count instances; -1 with call->err. */
static int make_room(struct cim_call *call, struct instances *into, size_t count)
{
    into->items = arena_alloc(call->arena, (count + 1) * sizeof(*into->items));
    return into->items ? 0 : error_set(call->err, ERR_NO_MEMORY, NULL);
}

static int fill_snapshots(struct cim_call *call, struct summary *summary)
{
    const struct snapshot_list *list = hv_snapshots(call, &summary->vm->id);
    struct keeper keeper = { { keep }, &summary->snapshots };

    if (!list || make_room(call, &summary->snapshots, list->count) != 0)
        return -1;
    for (size_t i = 0; i < list->count; i++)
        if (hv_emit_snapshot(call, &list->items[i], &keeper.sink) != 0)
            return -1;
    return 0;
}

static int fill_tasks(struct cim_call *call, struct summary *summary)
{
    const struct job_list *list = hv_jobs(call);
    struct keeper keeper = { { keep }, &summary->tasks };

    if (!list || make_room(call, &summary->tasks, list->count) != 0)
        return -1;
    for (size_t i = 0; i < list->count; i++)
        if (guid_equal(&list->items[i].vm, &summary->vm->id) && !job_finished(&list->items[i]) &&
            hv_emit_job(&list->items[i], &keeper.sink) != 0)
            return -1;
    return 0;
}

/* The largest that is wanted; none of a machine without a screen, and none for who may only read. */
static int fill_picture(struct cim_call *call, struct summary *summary)
{
    static const unsigned sizes[][2] = { { 80, 60 }, { 160, 120 }, { 320, 240 } };
    struct error why = { 0 };
    struct picture picture;

    for (int i = LARGE_PICTURE; i >= SMALL_PICTURE && !summary->width; i--)
        if (summary->codes[i]) {
            summary->width = sizes[i - SMALL_PICTURE][0];
            summary->height = sizes[i - SMALL_PICTURE][1];
        }
    if (!summary->width || !access_allows(call->who, ROLE_OPERATOR) || !is_on(summary->vm) ||
        core_vm_picture(call->core, call->who, &summary->vm->id, &picture, &why) != 0)
        return 0;
    summary->picture = thumbnail_text(&picture, summary->width, summary->height, call->arena);
    picture_clear(&picture);
    return summary->picture ? 0 : error_set(call->err, ERR_NO_MEMORY, NULL);
}

static int fill(struct cim_call *call, const struct hv_settings *settings, const bool *codes,
                struct cim_instance *out)
{
    struct summary *summary = arena_alloc(call->arena, sizeof(*summary));

    if (!summary)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    *summary = (struct summary){ .vm = settings->vm,
                                 .snapshot = settings->snapshot,
                                 .codes = codes };
    *out = (struct cim_instance){ &msvm_summary_information, summary };
    if (!summary->vm)
        return 0;
    if (codes[NOTES])
        summary->said = hv_said(call, &summary->vm->id);
    if (call->err->code || (codes[SNAPSHOTS] && fill_snapshots(call, summary) != 0) ||
        (codes[TASKS] && fill_tasks(call, summary) != 0))
        return -1;
    return fill_picture(call, summary);
}

/* ---- the method ---- */

/* Codes that live as long as the call. */
static const bool *copy_codes(struct cim_call *call, const bool *codes)
{
    bool *copy = arena_alloc(call->arena, SUMMARY_CODES * sizeof(*copy));

    if (copy)
        memcpy(copy, codes, SUMMARY_CODES * sizeof(*copy));
    else
        error_set(call->err, ERR_NO_MEMORY, NULL);
    return copy;
}

static struct cim_instance *make_answer(struct cim_call *call, size_t count, struct cim_value *out)
{
    struct instances all = { 0 };

    if (make_room(call, &all, count) != 0)
        return NULL;
    out->instances = all.items;
    out->count = count;
    return all.items;
}

static void show(struct cim_instance *answer, size_t count, const char *ns)
{
    for (size_t i = 0; i < count; i++)
        answer[i].class = cim_class_view(&msvm_summary_information, ns);
}

int hv_summaries_of(struct cim_call *call, const char *ns, const struct cim_ref *const *refs, size_t count,
                    const bool codes[SUMMARY_CODES], struct cim_value *out)
{
    struct cim_instance *answer = make_answer(call, count, out);
    const bool *kept = answer ? copy_codes(call, codes) : NULL;

    for (size_t i = 0; kept && i < count; i++) {
        const struct hv_settings *settings = refs[i] ? hv_settings_of(call, ns, refs[i]) : NULL;
        if (!refs[i])
            error_set(call->err, ERR_INVALID_PARAMETER, "A SettingData is nil.");
        if (!settings || fill(call, settings, kept, &answer[i]) != 0)
            return -1;
    }
    if (kept)
        show(answer, count, ns);
    return kept ? 0 : -1;
}

int hv_summaries_of_all(struct cim_call *call, const char *ns, const bool codes[SUMMARY_CODES],
                        struct cim_value *out)
{
    const struct vm_list *vms = hv_vms(call, NULL);
    struct cim_instance *answer = vms ? make_answer(call, vms->count, out) : NULL;
    const bool *kept = answer ? copy_codes(call, codes) : NULL;

    for (size_t i = 0; kept && i < vms->count; i++) {
        struct hv_settings settings = { .vm = &vms->items[i] };
        if (fill(call, &settings, kept, &answer[i]) != 0)
            return -1;
    }
    if (kept)
        show(answer, vms->count, ns);
    return kept ? 0 : -1;
}

/* ---- as instances: all but what is dear ---- */

static int emit(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    bool codes[SUMMARY_CODES];
    struct hv_settings settings = { .vm = vm };
    struct cim_instance instance;
    const bool *kept;

    for (int i = 0; i < SUMMARY_CODES; i++)
        codes[i] = i != SNAPSHOTS && i != TASKS && (i < SMALL_PICTURE || i > LARGE_PICTURE);
    kept = copy_codes(call, codes);
    if (!kept || fill(call, &settings, kept, &instance) != 0)
        return -1;
    return sink->emit(sink, &instance);
}

static int list(struct cim_call *call, struct cim_sink *sink)
{
    return hv_each_vm(call, emit, sink);
}

const struct cim_class msvm_summary_information = {
    .ns = CIM_NS_V2,
    .name = "Msvm_SummaryInformation",
    .super = (const char *const[]){ "Msvm_SummaryInformationBase", "CIM_View", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .list = list,
};
