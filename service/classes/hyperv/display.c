/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Display controllers and the head of each, and images in drives.
 */
#include "classes/hyperv/logical.h"

#include "cim/reference.h"

static const struct cim_property display_rows[] = {
    NIL_ARRAY("AcceleratorCapabilities", UINT16),
    NIL_ARRAY("CapabilityDescriptions", STRING),
    NIL("MaxMemorySupported", UINT32),
    FIXED("MaxNumberControlled", UINT32, "1"),
    NIL("NumberOfVideoPages", UINT32),
    NIL("OtherVideoArchitecture", STRING),
    NIL("OtherVideoMemoryType", STRING),
    NIL("ProtocolDescription", STRING),
    NIL("ProtocolSupported", UINT16),
    NIL("TimeOfLastReset", DATETIME),
    NIL("VideoArchitecture", UINT16),
    NIL("VideoMemoryType", UINT16),
    FIXED("VideoProcessor", STRING, "Microsoft Synthetic Video"),
};

HV_LOGICAL_CLASS(msvm_synthetic_display_controller, "Msvm_SyntheticDisplayController", display_rows,
                 "CIM_DisplayController", "CIM_VideoController", "CIM_Controller")
/* No machine has one: clients ask for it where the other is not. */
HV_LOGICAL_CLASS(msvm_s3_display_controller, "Msvm_S3DisplayController", display_rows,
                 "CIM_DisplayController", "CIM_VideoController", "CIM_Controller")

/* Clients ask for a picture of this size: that of most consoles, and whatever the guest shows fits in. */
static void get_columns(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = hv_logical_runs(object) ? "1024" : "0";
}

static void get_lines(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = hv_logical_runs(object) ? "768" : "0";
}

static void get_depth(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = hv_logical_runs(object) ? "32" : "0";
}

static const struct cim_property head_rows[] = {
    GET("CurrentBitsPerPixel", UINT32, get_depth),
    GET("CurrentHorizontalResolution", UINT32, get_columns),
    NIL("CurrentNumberOfColors", UINT64),
    NIL("CurrentNumberOfColumns", UINT32),
    NIL("CurrentNumberOfRows", UINT32),
    NIL("CurrentRefreshRate", UINT32),
    NIL("CurrentScanMode", UINT16),
    GET("CurrentVerticalResolution", UINT32, get_lines),
    NIL("MaxRefreshRate", UINT32),
    NIL("MinRefreshRate", UINT32),
    NIL("OtherCurrentScanMode", STRING),
};

HV_LOGICAL_CLASS(msvm_video_head, "Msvm_VideoHead", head_rows, "CIM_VideoHead")

/* ---- Msvm_VideoHeadOnController ---- */

static int head_walk(struct cim_call *call, const struct cim_instance *source, int from,
                     struct cim_sink *sink)
{
    const struct hv_device *device = source->object;

    return hv_emit_logical(call, device->vm,
                           from == 0 ? &msvm_video_head : &msvm_synthetic_display_controller, sink);
}

static const struct cim_property on_controller_rows[] = {
    REF_KEY("Antecedent"),
    REF_KEY("Dependent"),
};

const struct cim_class msvm_video_head_on_controller = {
    .ns = CIM_NS_V2,
    .name = "Msvm_VideoHeadOnController",
    .super = (const char *const[]){ "CIM_VideoHeadOnController", "CIM_Dependency", NULL },
    .properties = on_controller_rows,
    .property_count = COUNT(on_controller_rows),
    .association = &(const struct cim_association){
        .role = { "Antecedent", "Dependent" },
        .class = { "Msvm_SyntheticDisplayController", "Msvm_VideoHead" },
        .walk = head_walk,
    },
};

/* ---- Msvm_LogicalDisk ---- */

static void get_access(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = hv_drive_of(object)->read_only ? "1" : "3";
}

static const struct cim_property disk_rows[] = {
    GET("Access", UINT16, get_access),
    FIXED("BlockSize", UINT64, "512"),
    NIL("ConsumableBlocks", UINT64),
    NIL("DataOrganization", UINT16),
    NIL("DataRedundancy", UINT16),
    NIL("DeltaReservation", UINT8),
    NIL("ErrorMethodology", STRING),
    NIL_ARRAY("ExtentDiscriminator", STRING),
    NIL_ARRAY("ExtentStatus", UINT16),
    NIL("IsBasedOnUnderlyingRedundancy", BOOLEAN),
    NIL("NameFormat", UINT16),
    NIL("NameNamespace", UINT16),
    NIL("NoSinglePointOfFailure", BOOLEAN),
    NIL("NumberOfBlocks", UINT64),
    NIL("OtherNameFormat", STRING),
    NIL("OtherNameNamespace", STRING),
    NIL("PackageRedundancy", UINT16),
    FIXED("Primordial", BOOLEAN, "false"),
    NIL("Purpose", STRING),
    FIXED("SequentialAccess", BOOLEAN, "false"),
};

HV_LOGICAL_CLASS(msvm_logical_disk, "Msvm_LogicalDisk", disk_rows, "CIM_LogicalDisk",
                 "CIM_StorageExtent")
