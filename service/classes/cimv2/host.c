/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host as Windows' classes tell of it. The version is that of the Windows whose Hyper-V this service
 * resembles most: clients choose by it what they ask for.
 */
#include "classes/cimv2/cimv2.h"

#include "base/clock.h"
#include "base/version.h"
#include "cim/datetime.h"
#include "classes/hyperv/hyperv.h"

#include <string.h>
#include <time.h>

/* The object of each class here. */
struct host_view {
    const struct host *host;
    const char *name;
    unsigned socket; /* of a processor */
};

static const struct host *host_of(const void *object)
{
    return ((const struct host_view *)object)->host;
}

static void get_host(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, ((const struct host_view *)object)->name);
}

/* Minutes from UTC. */
static void get_zone(const void *object, struct arena *arena, struct cim_value *out)
{
    time_t now = (time_t)(clock_now_us() / 1000000);
    struct tm local;

    (void)object;
    if (localtime_r(&now, &local))
        out->text = arena_printf(arena, "%ld", local.tm_gmtoff / 60);
}

static bool is_x86_64(const struct host *host)
{
    return host->arch && strcmp(host->arch, "x86_64") == 0;
}

static bool is_wide(const struct host *host)
{
    return host->arch && strstr(host->arch, "64") != NULL;
}

/* ---- Win32_ComputerSystem ---- */

static void get_logical(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, host_of(object)->processors);
}

static void get_sockets(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, host_of(object)->sockets);
}

static void get_system_type(const void *object, struct arena *arena, struct cim_value *out)
{
    if (is_x86_64(host_of(object)))
        out->text = "x64-based PC";
    else
        hv_text(out, arena, host_of(object)->arch);
}

static void get_memory_octets(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, host_of(object)->memory_kib * 1024ULL);
}

static const struct cim_property system_rows[] = {
    NIL("AdminPasswordStatus", UINT16),
    FIXED("AutomaticManagedPagefile", BOOLEAN, "false"),
    NIL("AutomaticResetBootOption", BOOLEAN),
    NIL("AutomaticResetCapability", BOOLEAN),
    NIL("BootOptionOnLimit", UINT16),
    NIL("BootOptionOnWatchDog", UINT16),
    NIL("BootROMSupported", BOOLEAN),
    FIXED("BootupState", STRING, "Normal boot"),
    GET("Caption", STRING, get_host),
    NIL("ChassisBootupState", UINT16),
    FIXED("CreationClassName", STRING, "Win32_ComputerSystem"),
    GET("CurrentTimeZone", SINT16, get_zone),
    NIL("DaylightInEffect", BOOLEAN),
    FIXED("Description", STRING, "AT/AT COMPATIBLE"),
    GET("DNSHostName", STRING, get_host),
    FIXED("Domain", STRING, "WORKGROUP"),
    FIXED("DomainRole", UINT16, "2"),
    NIL("EnableDaylightSavingsTime", BOOLEAN),
    NIL("FrontPanelResetStatus", UINT16),
    FIXED("HypervisorPresent", BOOLEAN, "true"),
    NIL("InfraredSupported", BOOLEAN),
    NIL("InstallDate", DATETIME),
    NIL("KeyboardPasswordStatus", UINT16),
    NIL("LastLoadInfo", STRING),
    NIL("Manufacturer", STRING),
    NIL("Model", STRING),
    KEY("Name", get_host),
    NIL("NameFormat", STRING),
    NIL("NetworkServerModeEnabled", BOOLEAN),
    GET("NumberOfLogicalProcessors", UINT32, get_logical),
    GET("NumberOfProcessors", UINT32, get_sockets),
    NIL_ARRAY("OEMLogoBitmap", UINT8),
    NIL_ARRAY("OEMStringArray", STRING),
    FIXED("PartOfDomain", BOOLEAN, "false"),
    NIL("PauseAfterReset", SINT64),
    NIL("PCSystemType", UINT16),
    NIL_ARRAY("PowerManagementCapabilities", UINT16),
    NIL("PowerManagementSupported", BOOLEAN),
    NIL("PowerOnPasswordStatus", UINT16),
    FIXED("PowerState", UINT16, "0"),
    NIL("PowerSupplyState", UINT16),
    NIL("PrimaryOwnerContact", STRING),
    NIL("PrimaryOwnerName", STRING),
    NIL("ResetCapability", UINT16),
    NIL("ResetCount", SINT16),
    NIL("ResetLimit", SINT16),
    NIL_ARRAY("Roles", STRING),
    FIXED("Status", STRING, "OK"),
    NIL_ARRAY("SupportContactDescription", STRING),
    NIL("SystemStartupDelay", UINT16),
    NIL_ARRAY("SystemStartupOptions", STRING),
    NIL("SystemStartupSetting", UINT8),
    GET("SystemType", STRING, get_system_type),
    NIL("ThermalState", UINT16),
    GET("TotalPhysicalMemory", UINT64, get_memory_octets),
    NIL("UserName", STRING),
    NIL("WakeUpType", UINT16),
    FIXED("Workgroup", STRING, "WORKGROUP"),
};

/* ---- Win32_ComputerSystemProduct ---- */

static void get_uuid(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_guid(out, arena, &host_of(object)->id);
}

static const struct cim_property product_rows[] = {
    FIXED("Caption", STRING, "Computer System Product"),
    FIXED("Description", STRING, "Computer System Product"),
    KEY("IdentifyingNumber", get_uuid),
    FIXED_KEY("Name", "libvirt"),
    NIL("SKUNumber", STRING),
    GET("UUID", STRING, get_uuid),
    FIXED("Vendor", STRING, "cimsnapd"),
    FIXED_KEY("Version", CIMSNAPD_VERSION),
};

/* ---- Win32_OperatingSystem: memory in KiB ---- */

static void get_free(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, host_of(object)->free_kib);
}

static void get_memory(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, host_of(object)->memory_kib);
}

static void get_now(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)object;
    out->text = cim_datetime(clock_now_us(), arena);
}

static void get_bits(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = is_wide(host_of(object)) ? "64-bit" : "32-bit";
}

static const struct cim_property os_rows[] = {
    NIL("BootDevice", STRING),
    FIXED("BuildNumber", STRING, "17763"),
    NIL("BuildType", STRING),
    FIXED("Caption", STRING, "cimsnapd, with the interfaces of Windows Server 2019 Hyper-V"),
    NIL("CodeSet", STRING),
    NIL("CountryCode", STRING),
    FIXED("CreationClassName", STRING, "Win32_OperatingSystem"),
    FIXED("CSCreationClassName", STRING, "Win32_ComputerSystem"),
    NIL("CSDVersion", STRING),
    GET("CSName", STRING, get_host),
    GET("CurrentTimeZone", SINT16, get_zone),
    NIL("DataExecutionPrevention_32BitApplications", BOOLEAN),
    NIL("DataExecutionPrevention_Available", BOOLEAN),
    NIL("DataExecutionPrevention_Drivers", BOOLEAN),
    NIL("DataExecutionPrevention_SupportPolicy", UINT8),
    FIXED("Debug", BOOLEAN, "false"),
    NIL("Description", STRING),
    FIXED("Distributed", BOOLEAN, "false"),
    NIL("EncryptionLevel", UINT32),
    NIL("ForegroundApplicationBoost", UINT8),
    GET("FreePhysicalMemory", UINT64, get_free),
    NIL("FreeSpaceInPagingFiles", UINT64),
    NIL("FreeVirtualMemory", UINT64),
    NIL("InstallDate", DATETIME),
    NIL("LargeSystemCache", UINT32),
    NIL("LastBootUpTime", DATETIME),
    GET("LocalDateTime", DATETIME, get_now),
    NIL("Locale", STRING),
    FIXED("Manufacturer", STRING, "cimsnapd"),
    NIL("MaxNumberOfProcesses", UINT32),
    NIL("MaxProcessMemorySize", UINT64),
    NIL_ARRAY("MUILanguages", STRING),
    FIXED_KEY("Name", "cimsnapd"),
    NIL("NumberOfLicensedUsers", UINT32),
    NIL("NumberOfProcesses", UINT32),
    NIL("NumberOfUsers", UINT32),
    NIL("OperatingSystemSKU", UINT32),
    NIL("Organization", STRING),
    GET("OSArchitecture", STRING, get_bits),
    NIL("OSLanguage", UINT32),
    NIL("OSProductSuite", UINT32),
    FIXED("OSType", UINT16, "36"),
    NIL("OtherTypeDescription", STRING),
    NIL("PAEEnabled", BOOLEAN),
    NIL("PlusProductID", STRING),
    NIL("PlusVersionNumber", STRING),
    FIXED("PortableOperatingSystem", BOOLEAN, "false"),
    FIXED("Primary", BOOLEAN, "true"),
    FIXED("ProductType", UINT32, "3"),
    NIL("RegisteredUser", STRING),
    NIL("SerialNumber", STRING),
    FIXED("ServicePackMajorVersion", UINT16, "0"),
    FIXED("ServicePackMinorVersion", UINT16, "0"),
    NIL("SizeStoredInPagingFiles", UINT64),
    FIXED("Status", STRING, "OK"),
    NIL("SuiteMask", UINT32),
    NIL("SystemDevice", STRING),
    NIL("SystemDirectory", STRING),
    NIL("SystemDrive", STRING),
    NIL("TotalSwapSpaceSize", UINT64),
    NIL("TotalVirtualMemorySize", UINT64),
    GET("TotalVisibleMemorySize", UINT64, get_memory),
    FIXED("Version", STRING, "10.0.17763"),
    NIL("WindowsDirectory", STRING),
};

/* ---- Win32_Processor: one for each socket ---- */

static void get_device(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, "CPU%u", ((const struct host_view *)object)->socket);
}

static void get_socket(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = arena_printf(arena, "CPU %u", ((const struct host_view *)object)->socket);
}

static void get_cpu(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct host *host = host_of(object);

    hv_text(out, arena, host->cpu ? host->cpu : host->arch);
}

static void get_mhz(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, host_of(object)->mhz);
}

static void get_cores(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, host_of(object)->cores);
}

static void get_socket_threads(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, (unsigned long long)host_of(object)->cores * host_of(object)->threads);
}

static void get_width(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = is_wide(host_of(object)) ? "64" : "32";
}

static void get_architecture(const void *object, struct arena *arena, struct cim_value *out)
{
    const struct host *host = host_of(object);

    (void)arena;
    if (is_x86_64(host))
        out->text = "9";
    else if (host->arch && strcmp(host->arch, "aarch64") == 0)
        out->text = "12";
}

static const struct cim_property processor_rows[] = {
    GET("AddressWidth", UINT16, get_width),
    GET("Architecture", UINT16, get_architecture),
    FIXED("Availability", UINT16, "3"),
    GET("Caption", STRING, get_cpu),
    NIL("ConfigManagerErrorCode", UINT32),
    NIL("ConfigManagerUserConfig", BOOLEAN),
    FIXED("CpuStatus", UINT16, "1"),
    FIXED("CreationClassName", STRING, "Win32_Processor"),
    GET("CurrentClockSpeed", UINT32, get_mhz),
    NIL("CurrentVoltage", UINT16),
    GET("DataWidth", UINT16, get_width),
    GET("Description", STRING, get_cpu),
    KEY("DeviceID", get_device),
    NIL("ErrorCleared", BOOLEAN),
    NIL("ErrorDescription", STRING),
    NIL("ExtClock", UINT32),
    FIXED("Family", UINT16, "2"),
    NIL("InstallDate", DATETIME),
    NIL("L2CacheSize", UINT32),
    NIL("L2CacheSpeed", UINT32),
    NIL("L3CacheSize", UINT32),
    NIL("L3CacheSpeed", UINT32),
    NIL("LastErrorCode", UINT32),
    NIL("Level", UINT16),
    NIL("LoadPercentage", UINT16),
    NIL("Manufacturer", STRING),
    GET("MaxClockSpeed", UINT32, get_mhz),
    GET("Name", STRING, get_cpu),
    GET("NumberOfCores", UINT32, get_cores),
    GET("NumberOfLogicalProcessors", UINT32, get_socket_threads),
    NIL("OtherFamilyDescription", STRING),
    NIL("PNPDeviceID", STRING),
    NIL_ARRAY("PowerManagementCapabilities", UINT16),
    FIXED("PowerManagementSupported", BOOLEAN, "false"),
    NIL("ProcessorId", STRING),
    FIXED("ProcessorType", UINT16, "3"),
    NIL("Revision", UINT16),
    FIXED("Role", STRING, "CPU"),
    GET("SocketDesignation", STRING, get_socket),
    FIXED("Status", STRING, "OK"),
    FIXED("StatusInfo", UINT16, "3"),
    NIL("Stepping", STRING),
    FIXED("SystemCreationClassName", STRING, "Win32_ComputerSystem"),
    GET("SystemName", STRING, get_host),
    NIL("UniqueId", STRING),
    FIXED("UpgradeMethod", UINT16, "2"),
    NIL("Version", STRING),
    NIL("VoltageCaps", UINT32),
};

/* ---- classes ---- */

static int emit(struct cim_call *call, const struct cim_class *class, unsigned socket,
                struct cim_sink *sink)
{
    const struct host *host = hv_host(call);
    struct host_view *view = host ? arena_alloc(call->arena, sizeof(*view)) : NULL;
    struct cim_instance instance = { class, view };

    if (!host)
        return -1;
    if (!view)
        return error_set(call->err, ERR_NO_MEMORY, NULL);
    *view = (struct host_view){ host, core_host_name(call->core), socket };
    return sink->emit(sink, &instance);
}

#define SINGLE(symbol, text, rows, base)                                                              \
    static int symbol##_list(struct cim_call *call, struct cim_sink *sink)                            \
    {                                                                                                 \
        return emit(call, &(symbol), 0, sink);                                                        \
    }                                                                                                 \
    const struct cim_class symbol = {                                                                 \
        .ns = CIM_NS_CIMV2,                                                                           \
        .name = text,                                                                                 \
        .super = (const char *const[]){ base, NULL },                                                 \
        .properties = rows,                                                                           \
        .property_count = COUNT(rows),                                                                \
        .list = symbol##_list,                                                                        \
    };

SINGLE(win32_computer_system, "Win32_ComputerSystem", system_rows, "CIM_UnitaryComputerSystem")
SINGLE(win32_computer_system_product, "Win32_ComputerSystemProduct", product_rows, "CIM_Product")
SINGLE(win32_operating_system, "Win32_OperatingSystem", os_rows, "CIM_OperatingSystem")

static int list_processors(struct cim_call *call, struct cim_sink *sink)
{
    const struct host *host = hv_host(call);

    for (unsigned i = 0; host && i < host->sockets; i++)
        if (emit(call, &win32_processor, i, sink) != 0)
            return -1;
    return host ? 0 : -1;
}

const struct cim_class win32_processor = {
    .ns = CIM_NS_CIMV2,
    .name = "Win32_Processor",
    .super = (const char *const[]){ "CIM_Processor", "CIM_LogicalDevice", NULL },
    .properties = processor_rows,
    .property_count = COUNT(processor_rows),
    .list = list_processors,
};

static int processor_walk(struct cim_call *call, const struct cim_instance *source, int from,
                          struct cim_sink *sink)
{
    (void)source;
    return from == 0 ? list_processors(call, sink) : emit(call, &win32_computer_system, 0, sink);
}

static const struct cim_property association_rows[] = {
    REF_KEY("GroupComponent"),
    REF_KEY("PartComponent"),
};

const struct cim_class win32_computer_system_processor = {
    .ns = CIM_NS_CIMV2,
    .name = "Win32_ComputerSystemProcessor",
    .super = (const char *const[]){ "Win32_SystemDevices", "CIM_SystemDevice", NULL },
    .properties = association_rows,
    .property_count = COUNT(association_rows),
    .association = &(const struct cim_association){
        .role = { "GroupComponent", "PartComponent" },
        .class = { "Win32_ComputerSystem", "Win32_Processor" },
        .walk = processor_walk,
    },
};
