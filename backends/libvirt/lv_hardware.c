/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libvirt/lv_hardware.h"

#include "libvirt/lv_error.h"
#include "libvirt/lv_tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- values ---- */

static unsigned read_small(const struct lv_xml *xml, xmlNodePtr at, const char *path,
                           unsigned otherwise)
{
    unsigned long long number = lv_xml_number(xml, at, path, otherwise);

    return number <= UINT16_MAX ? (unsigned)number : otherwise;
}

struct word {
    const char *text;
    int value;
};

static int read_word(const struct lv_xml *xml, xmlNodePtr at, const char *path,
                     const struct word *words, int otherwise)
{
    char *text = lv_xml_text(xml, at, path);
    int value = otherwise;

    for (; text && words->text; words++)
        if (strcmp(words->text, text) == 0)
            value = words->value;
    free(text);
    return value;
}

/* ---- drives and what they are plugged into ---- */

static const struct word buses[] = {
    { "ide", HW_IDE },   { "fdc", HW_FLOPPY }, { "virtio", HW_VIRTIO }, { "scsi", HW_SCSI },
    { "sata", HW_SATA }, { "usb", HW_USB },    { NULL, 0 },
};

/* "vda" is 0, "vdaa" is 26. */
static unsigned unit_of_target(const char *target)
{
    unsigned unit = 0;

    for (const char *p = target[0] && target[1] ? target + 2 : ""; islower((unsigned char)*p); p++)
        unit = unit * 26 + (unsigned)(*p - 'a') + 1;
    return unit ? unit - 1 : 0;
}

/* Only these have an address of controller and unit. */
static void read_place(const struct lv_xml *xml, xmlNodePtr node, struct hw_drive *drive)
{
    unsigned bus;

    drive->unit = unit_of_target(drive->target);
    if (drive->bus == HW_VIRTIO || drive->bus == HW_USB || drive->bus == HW_OTHER_BUS ||
        !lv_xml_has(xml, node, "address[@type='drive']"))
        return;
    bus = read_small(xml, node, "address/@bus", 0);
    drive->controller = read_small(xml, node, "address/@controller", 0);
    drive->unit = read_small(xml, node, "address/@unit", 0);
    if (drive->bus == HW_IDE)
        drive->controller = drive->controller * 2 + bus;
}

/* File, device, directory, volume, or PROTOCOL:NAME of a network disk. */
static char *read_source(const struct lv_xml *xml, xmlNodePtr node)
{
    char *text = lv_xml_text(xml, node, "source/@file | source/@dev | source/@dir");
    char *kind, *name, *both = NULL;

    if (text)
        return text;
    kind = lv_xml_text(xml, node, "source/@protocol | source/@pool | source/@type");
    name = lv_xml_text(xml, node, "source/@name | source/@volume | source/@path");
    if (kind && asprintf(&both, "%s:%s", kind, name ? name : "") < 0)
        both = NULL;
    free(kind);
    free(name);
    return both;
}

static int read_drive(const struct lv_xml *xml, xmlNodePtr node, void *opaque)
{
    static const struct word medias[] = { { "cdrom", HW_CD }, { "floppy", HW_DISKETTE }, { NULL, 0 } };
    struct hw_drive drive = { .target = lv_xml_text(xml, node, "target/@dev") };

    if (!drive.target)
        return 0;
    drive.media = (enum hw_media)read_word(xml, node, "@device", medias, HW_DISK);
    drive.bus = (enum hw_bus)read_word(xml, node, "target/@bus", buses, HW_OTHER_BUS);
    drive.read_only = drive.media == HW_CD || lv_xml_has(xml, node, "readonly");
    drive.source = read_source(xml, node);
    drive.format = lv_xml_text(xml, node, "driver/@type");
    read_place(xml, node, &drive);
    if (hardware_add_drive(opaque, &drive) == 0)
        return 0;
    hw_drive_clear(&drive);
    return -1;
}

static int read_controller(const struct lv_xml *xml, xmlNodePtr node, void *opaque)
{
    int bus = read_word(xml, node, "@type", buses, -1);
    unsigned index = read_small(xml, node, "@index", 0);

    if (bus == HW_SCSI || bus == HW_SATA || bus == HW_FLOPPY)
        return hardware_add_controller(opaque, (enum hw_bus)bus, index);
    if (bus == HW_IDE)
        return hardware_add_controller(opaque, HW_IDE, index * 2) ||
               hardware_add_controller(opaque, HW_IDE, index * 2 + 1);
    return 0;
}

/* ---- network ---- */

static void read_mac(const struct lv_xml *xml, xmlNodePtr node, struct hw_nic *nic)
{
    char *text = lv_xml_text(xml, node, "mac/@address");
    size_t len = 0;

    for (const char *p = text ? text : ""; *p && len + 1 < sizeof(nic->mac); p++)
        if (isxdigit((unsigned char)*p))
            nic->mac[len++] = (char)toupper((unsigned char)*p);
    free(text);
}

static int read_nic(const struct lv_xml *xml, xmlNodePtr node, void *opaque)
{
    static const struct word kinds[] = { { "network", HW_NETWORK }, { "bridge", HW_BRIDGE }, { NULL, 0 } };
    struct hw_nic nic = {
        .kind = (enum hw_network)read_word(xml, node, "@type", kinds, HW_OTHER_NETWORK),
        .legacy = lv_xml_has(xml, node, "model[@type='tulip']"),
        .linked = !lv_xml_has(xml, node, "link[@state='down']"),
        .model = lv_xml_text(xml, node, "model/@type"),
        .network = lv_xml_text(xml, node, "source/@network | source/@bridge | source/@dev | source/@name"),
    };

    read_mac(xml, node, &nic);
    if (!nic.network && nic.kind == HW_OTHER_NETWORK)
        nic.network = lv_xml_text(xml, node, "@type");
    if (hardware_add_nic(opaque, &nic) == 0)
        return 0;
    hw_nic_clear(&nic);
    return -1;
}

static int read_serial(const struct lv_xml *xml, xmlNodePtr node, void *opaque)
{
    struct hw_serial serial = { .port = read_small(xml, node, "target/@port", 0),
                                .path = lv_xml_text(xml, node, "source/@path") };

    if (hardware_add_serial(opaque, &serial) == 0)
        return 0;
    free(serial.path);
    return -1;
}

/* ---- the machine ---- */

static int read_cell(const struct lv_xml *xml, xmlNodePtr node, void *opaque)
{
    (void)xml;
    (void)node;
    ++*(unsigned *)opaque;
    return 0;
}

static int read_boot(const struct lv_xml *xml, xmlNodePtr node, void *opaque)
{
    static const struct word devices[] = {
        { "fd", HW_BOOT_FLOPPY }, { "cdrom", HW_BOOT_CD }, { "hd", HW_BOOT_DISK },
        { "network", HW_BOOT_NETWORK }, { NULL, 0 },
    };
    struct hw_boot_order *order = opaque;
    int device = read_word(xml, node, "@dev", devices, -1);

    if (device >= 0 && order->count < COUNT(order->items))
        order->items[order->count++] = (enum hw_boot)device;
    return 0;
}

static void read_size(const struct lv_xml *xml, xmlNodePtr at, struct hardware *out)
{
    out->vcpus_most = read_small(xml, at, "vcpu", 1);
    out->vcpus = read_small(xml, at, "vcpu/@current", out->vcpus_most);
    out->sockets = read_small(xml, at, "cpu/topology/@sockets", out->vcpus_most);
    out->cores = read_small(xml, at, "cpu/topology/@cores", 1);
    out->threads = read_small(xml, at, "cpu/topology/@threads", 1);
    out->memory_most_kib = lv_xml_number(xml, at, "memory", 0);
    out->memory_kib = lv_xml_number(xml, at, "currentMemory", out->memory_most_kib);
    out->balloon = lv_xml_has(xml, at, "devices/memballoon[@model != 'none']");
}

static void read_texts(const struct lv_xml *xml, xmlNodePtr at, struct hardware *out)
{
    const struct {
        char **text;
        const char *path;
    } texts[] = {
        { &out->arch, "os/type/@arch" },
        { &out->machine, "os/type/@machine" },
        { &out->nvram, "os/nvram" },
        { &out->bios_id, "sysinfo/system/entry[@name='uuid']" },
        { &out->bios_serial, "sysinfo/system/entry[@name='serial']" },
        { &out->board_serial, "sysinfo/baseBoard/entry[@name='serial']" },
        { &out->chassis_serial, "sysinfo/chassis/entry[@name='serial']" },
        { &out->chassis_tag, "sysinfo/chassis/entry[@name='asset']" },
    };

    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i].text = lv_xml_text(xml, at, texts[i].path);
    /* The guest sees the machine's own where nothing else is said. */
    if (!out->bios_id)
        out->bios_id = lv_xml_text(xml, at, "uuid");
}

static void read_flags(const struct lv_xml *xml, xmlNodePtr at, struct hardware *out)
{
    out->uefi = lv_xml_has(xml, at, "os[@firmware='efi' or loader/@type='pflash']");
    out->secure_boot = lv_xml_has(xml, at, "os[loader/@secure='yes' or "
                                           "firmware/feature[@enabled='yes']/@name='secure-boot']");
    out->display = lv_xml_has(xml, at, "devices/video[not(model/@type='none')]");
    out->restart_on_crash = lv_xml_has(xml, at, "on_crash[. = 'restart' or . = 'coredump-restart']");
}

/* QEMU's older PC has the two channels of its IDE controller whether a drive is on them or not. */
static int add_builtin(struct hardware *out)
{
    const char *machine = out->machine ? out->machine : "";

    if (strncmp(machine, "pc-i440fx", 9) != 0 && strcmp(machine, "pc") != 0)
        return 0;
    return hardware_add_controller(out, HW_IDE, 0) || hardware_add_controller(out, HW_IDE, 1);
}

int lv_hardware_read(const struct lv_xml *xml, xmlNodePtr at, struct hardware *out,
                     struct error *err)
{
    xmlNodePtr root = at ? at : xmlDocGetRootElement(xml->doc);
    const struct {
        const char *path;
        lv_xml_visit *visit;
        void *opaque;
    } parts[] = {
        { "os/boot", read_boot, &out->boot },
        { "cpu/numa/cell", read_cell, &out->numa_nodes },
        { "devices/controller", read_controller, out },
        { "devices/disk", read_drive, out },
        { "devices/interface", read_nic, out },
        { "devices/serial", read_serial, out },
    };
    int result;

    memset(out, 0, sizeof(*out));
    read_texts(xml, root, out);
    read_size(xml, root, out);
    read_flags(xml, root, out);
    result = add_builtin(out);
    for (size_t i = 0; i < COUNT(parts) && result == 0; i++)
        result = lv_xml_each_at(xml, root, parts[i].path, parts[i].visit, parts[i].opaque);
    if (result == 0)
        return 0;
    hardware_clear(out);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

/* The machine that a snapshot's description holds, as a guest saw it; NULL when none is kept. */
static int read_kept(const struct lv_xml *xml, xmlNodePtr node, void *opaque)
{
    (void)xml;
    *(xmlNodePtr *)opaque = node;
    return 1;
}

/* name: libvirt's of the snapshot, to be freed. */
static int read_snapshot(const char *text, struct hardware *out, char **name, struct error *err)
{
    xmlNodePtr domain = NULL;
    struct lv_xml xml;
    int result = 0;

    if (lv_xml_open(&xml, text, err))
        return -1;
    *name = lv_xml_text(&xml, NULL, "/domainsnapshot/name");
    lv_xml_each(&xml, "/domainsnapshot/domain[os]", read_kept, &domain);
    if (domain)
        result = lv_hardware_read(&xml, domain, out, err);
    lv_xml_close(&xml);
    return result;
}

static int read_machine(const char *text, struct hardware *out, struct error *err)
{
    struct lv_xml xml;
    int result = -1;

    if (lv_xml_open(&xml, text, err) == 0) {
        result = lv_hardware_read(&xml, NULL, out, err);
        lv_xml_close(&xml);
    }
    return result;
}

static char *describe(virDomainPtr dom, struct error *err)
{
    char *text = virDomainGetXMLDesc(dom, 0);

    if (!text)
        lv_error_set(err, "describe the machine");
    return text;
}

/* A snapshot without a name has no files that could be found. */
static int add_home(const struct lv_link *link, virDomainPtr dom, bool snapshot, const char *name, struct hardware *out,
                    struct error *err)
{
    if ((snapshot && !name) || lv_home_tell(link->home, dom, name, &out->home) == 0)
        return 0;
    hardware_clear(out);
    return error_set(err, ERR_NO_MEMORY, NULL);
}

int lv_hardware_get(const struct lv_link *link, const struct guid *vm, const struct guid *snapshot,
                    struct hardware *out, struct error *err)
{
    virDomainPtr dom = lv_conn_machine(link, vm, err);
    char *text = NULL, *name = NULL;
    int result = -1;

    if (!dom)
        return -1;
    if (!snapshot)
        text = describe(dom, err);
    else if (lv_tree_describe(dom, snapshot, &text, err))
        text = NULL;
    if (text)
        result = snapshot ? read_snapshot(text, out, &name, err) : read_machine(text, out, err);
    if (result == 0)
        result = add_home(link, dom, snapshot != NULL, name, out, err);
    free(name);
    free(text);
    virDomainFree(dom);
    return result;
}
