/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Msvm_VirtualEthernetSwitch: the host's virtual networks, and whatever else machines are connected to, as a
 * bridge: libvirt has no list of those, so they are seen as long as a machine is.
 */
#include "classes/hyperv/device.h"

#include <string.h>
#include <strings.h>

/* The object of this class. */
struct ethernet_switch {
    struct guid id;
    const char *name;
    bool active;
};

static void get_name(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_guid(out, arena, &((const struct ethernet_switch *)object)->id);
}

static void get_element_name(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, ((const struct ethernet_switch *)object)->name);
}

/* Clients take those for active whose state of health is 5. */
static void get_health(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct ethernet_switch *)object)->active ? "5" : "0";
}

static void get_state(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = ((const struct ethernet_switch *)object)->active ? "2" : "3";
}

static const struct cim_property properties[] = {
    NIL_ARRAY("AvailableRequestedStates", UINT16),
    FIXED("Caption", STRING, "Virtual Switch"),
    NIL("CommunicationStatus", UINT16),
    FIXED_KEY("CreationClassName", "Msvm_VirtualEthernetSwitch"),
    FIXED_ARRAY("Dedicated", UINT16, "38"),
    FIXED("Description", STRING, "Microsoft Virtual Switch"),
    NIL("DetailedStatus", UINT16),
    GET("ElementName", STRING, get_element_name),
    FIXED("EnabledDefault", UINT16, "2"),
    GET("EnabledState", UINT16, get_state),
    GET("HealthState", UINT16, get_health),
    NIL_ARRAY("IdentifyingDescriptions", STRING),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    FIXED("MaxIOVOffloads", UINT32, "0"),
    FIXED("MaxVMQOffloads", UINT32, "0"),
    KEY("Name", get_name),
    FIXED("NameFormat", STRING, "GUID"),
    NIL("OperatingStatus", UINT16),
    FIXED_ARRAY("OperationalStatus", UINT16, "2"),
    NIL_ARRAY("OtherDedicatedDescriptions", STRING),
    NIL("OtherEnabledState", STRING),
    NIL_ARRAY("OtherIdentifyingInfo", STRING),
    NIL_ARRAY("PowerManagementCapabilities", UINT16),
    NIL("PrimaryOwnerContact", STRING),
    NIL("PrimaryOwnerName", STRING),
    NIL("PrimaryStatus", UINT16),
    FIXED("RequestedState", UINT16, "12"),
    NIL("ResetCapability", UINT16),
    NIL_ARRAY("Roles", STRING),
    NIL("Status", STRING),
    FIXED_ARRAY("StatusDescriptions", STRING, "OK"),
    NIL("TimeOfLastStateChange", DATETIME),
    FIXED("TransitioningToState", UINT16, "12"),
};

/* The same for the same kind and name. */
static struct guid derive(const struct hw_nic *nic, struct arena *arena)
{
    static const char *const kinds[] = { [HW_NETWORK] = "network", [HW_BRIDGE] = "bridge",
                                         [HW_OTHER_NETWORK] = "other" };
    static const struct guid space = { { 0x44, 0xf5, 0x1b, 0x20, 0x6d, 0x0c, 0x4e, 0xa0, 0x91, 0x8c,
                                         0x55, 0x7e, 0x2a, 0x13, 0xd8, 0x6f } };
    const char *name = arena_printf(arena, "%s %s", kinds[nic->kind], nic->network);

    return name ? guid_derive(&space, name) : (struct guid){ { 0 } };
}

bool hv_switch_of(struct cim_call *call, const struct hw_nic *nic, struct guid *id)
{
    const struct network_list *networks = NULL;

    if (!nic->network)
        return false;
    if (nic->kind == HW_NETWORK)
        networks = hv_networks(call);
    for (size_t i = 0; networks && i < networks->count; i++)
        if (strcmp(networks->items[i].name, nic->network) == 0) {
            *id = networks->items[i].id;
            return true;
        }
    *id = derive(nic, call->arena);
    return true;
}

static int emit(struct cim_call *call, const struct ethernet_switch *one, struct cim_sink *sink)
{
    struct ethernet_switch *object = arena_alloc(call->arena, sizeof(*object));
    struct cim_instance instance = { &msvm_virtual_ethernet_switch, object };

    if (!object)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    *object = *one;
    return sink->emit(sink, &instance);
}

/* Those that were found on machines, each once. */
struct found {
    struct guid id;
    struct found *next;
};

struct seeking {
    struct cim_sink sink;
    struct found *found;
    struct cim_sink *next;
};

static bool is_known(const struct seeking *seeking, const struct network_list *networks,
                     const struct guid *id)
{
    for (const struct found *f = seeking->found; f; f = f->next)
        if (guid_equal(&f->id, id))
            return true;
    for (size_t i = 0; networks && i < networks->count; i++)
        if (guid_equal(&networks->items[i].id, id))
            return true;
    return false;
}

static int emit_new(struct cim_call *call, const struct hw_nic *nic, struct seeking *seeking)
{
    struct ethernet_switch one = { .name = nic->network, .active = nic->kind != HW_NETWORK };
    struct found *found;

    if (!hv_switch_of(call, nic, &one.id) || is_known(seeking, hv_networks(call), &one.id))
        return 0;
    found = arena_alloc(call->arena, sizeof(*found));
    if (!found)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    *found = (struct found){ one.id, seeking->found };
    seeking->found = found;
    return emit(call, &one, seeking->next);
}

static int seek_vm(struct cim_call *call, const struct vm *vm, struct cim_sink *sink)
{
    const struct hardware *hardware = hv_hardware(call, &vm->id, NULL);

    if (!hardware)
        return call->err->code ? -1 : 0;
    for (size_t i = 0; i < hardware->nic_count; i++)
        if (emit_new(call, &hardware->nics[i], (struct seeking *)sink) != 0)
            return -1;
    return 0;
}

/* Not in pages by machine: the switches of all of them make one list. */
static int list(struct cim_call *call, struct cim_sink *sink)
{
    const struct network_list *networks = hv_networks(call);
    const struct vm_list *vms = networks ? hv_vms(call, NULL) : NULL;
    struct seeking seeking = { { NULL }, NULL, sink };

    for (size_t i = 0; vms && i < networks->count; i++) {
        const struct network *network = &networks->items[i];
        if (emit(call, &(struct ethernet_switch){ network->id, network->name, network->active }, sink) != 0)
            return -1;
    }
    for (size_t i = 0; vms && i < vms->count; i++)
        if (seek_vm(call, &vms->items[i], &seeking.sink) != 0)
            return -1;
    return vms ? 0 : -1;
}

static int get(struct cim_call *call, const char *key, struct cim_sink *sink)
{
    const struct network_list *networks = hv_networks(call);
    struct guid id;

    if (!networks || guid_parse(&id, key) != 0)
        return networks ? 0 : -1;
    for (size_t i = 0; i < networks->count; i++) {
        const struct network *network = &networks->items[i];
        if (guid_equal(&network->id, &id))
            return emit(call, &(struct ethernet_switch){ network->id, network->name, network->active },
                        sink);
    }
    return list(call, sink);
}

const struct cim_class msvm_virtual_ethernet_switch = {
    .ns = CIM_NS_V2,
    .name = "Msvm_VirtualEthernetSwitch",
    .super = (const char *const[]){ "CIM_VirtualEthernetSwitch", "CIM_ComputerSystem", "CIM_System",
                                    "CIM_EnabledLogicalElement", "CIM_LogicalElement",
                                    "CIM_ManagedSystemElement", "CIM_ManagedElement", NULL },
    .properties = properties,
    .property_count = COUNT(properties),
    .list = list,
    .get_key = "Name",
    .get = get,
};
