/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_host.h"

#include "libvirt/lv_error.h"
#include "libvirt/lv_xml.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

/* Number and processors of the host; not every driver tells. */
static int read_capabilities(virConnectPtr conn, struct host *out, struct error *err)
{
    char *text = virConnectGetCapabilities(conn), *id;
    struct lv_xml xml;

    if (!text)
        return lv_error_set(err, "describe the host");
    if (lv_xml_open(&xml, text, err)) {
        free(text);
        return -1;
    }
    id = lv_xml_text(&xml, NULL, "/capabilities/host/uuid");
    if (!id || guid_parse(&out->id, id) != 0)
        memset(&out->id, 0, sizeof(out->id));
    out->arch = lv_xml_text(&xml, NULL, "/capabilities/host/cpu/arch");
    out->cpu = lv_xml_text(&xml, NULL, "/capabilities/host/cpu/model");
    free(id);
    free(text);
    lv_xml_close(&xml);
    return 0;
}

int lv_host_get(const struct lv_link *link, struct host *out, struct error *err)
{
    virNodeInfo info;
    unsigned long long available;

    memset(out, 0, sizeof(*out));
    if (virNodeGetInfo(link->conn, &info))
        return lv_error_set(err, "describe the host");
    if (read_capabilities(link->conn, out, err))
        return -1;
    available = virNodeGetFreeMemory(link->conn); /* 0 where that is unknown */
    out->free_kib = available / 1024;
    out->memory_kib = info.memory;
    out->mhz = info.mhz;
    out->processors = info.cpus;
    out->sockets = info.sockets * (info.nodes ? info.nodes : 1);
    out->cores = info.cores;
    out->threads = info.threads;
    return 0;
}

static int add_network(virNetworkPtr from, struct network_list *out, struct error *err)
{
    struct network network = { .active = virNetworkIsActive(from) == 1 };

    const char *name = virNetworkGetName(from);

    if (!name || virNetworkGetUUID(from, network.id.bytes))
        return lv_error_set(err, "list the networks");
    network.name = strdup(name);
    if (network.name && network_list_take(out, &network) == 0)
        return 0;
    free(network.name);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

int lv_host_networks(const struct lv_link *link, struct network_list *out, struct error *err)
{
    virNetworkPtr *list = NULL;
    int count = virConnectListAllNetworks(link->conn, &list, 0), result = 0;

    memset(out, 0, sizeof(*out));
    if (count < 0 && lv_error_number() == VIR_ERR_NO_SUPPORT)
        return 0;
    if (count < 0)
        return lv_error_set(err, "list the networks");
    for (int i = 0; i < count; i++) {
        if (result == 0)
            result = add_network(list[i], out, err);
        virNetworkFree(list[i]);
    }
    free(list);
    if (result)
        network_list_clear(out);
    return result;
}
