/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parts of machines as logical devices. Hyper-V makes them with its virtual machine worker; here they are
 * there as long as the machine is, and enabled while it runs.
 */
#include "classes/hyperv/logical.h"

#include <string.h>

/* ---- what all have ---- */

static const struct hv_device *device_of(const void *object)
{
    return object;
}

static void get_id(const void *object, struct arena *arena, struct cim_value *out)
{
    out->text = hv_logical_id(object, arena);
}

static void get_class(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = hv_logicals[device_of(object)->logical].class->name;
}

static void get_system(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_guid(out, arena, &device_of(object)->owner);
}

static void get_name(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_device_name(object, hv_logicals[device_of(object)->logical].name, arena, out);
}

static void get_description(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = hv_logicals[device_of(object)->logical].description;
}

static void get_state(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    out->text = hv_logical_runs(object) ? "2" : "3";
}

static const struct cim_property logical_rows[] = {
    NIL_ARRAY("AdditionalAvailability", UINT16),
    NIL("Availability", UINT16),
    NIL_ARRAY("AvailableRequestedStates", UINT16),
    GET("Caption", STRING, get_name),
    NIL("CommunicationStatus", UINT16),
    KEY("CreationClassName", get_class),
    GET("Description", STRING, get_description),
    NIL("DetailedStatus", UINT16),
    KEY("DeviceID", get_id),
    GET("ElementName", STRING, get_name),
    FIXED("EnabledDefault", UINT16, "2"),
    GET("EnabledState", UINT16, get_state),
    NIL("ErrorCleared", BOOLEAN),
    NIL("ErrorDescription", STRING),
    FIXED("HealthState", UINT16, "5"),
    NIL_ARRAY("IdentifyingDescriptions", STRING),
    NIL("InstallDate", DATETIME),
    NIL("InstanceID", STRING),
    NIL("LastErrorCode", UINT32),
    NIL("MaxQuiesceTime", UINT64),
    GET("Name", STRING, get_name),
    NIL("OperatingStatus", UINT16),
    FIXED_ARRAY("OperationalStatus", UINT16, "2"),
    NIL("OtherEnabledState", STRING),
    NIL_ARRAY("OtherIdentifyingInfo", STRING),
    NIL_ARRAY("PowerManagementCapabilities", UINT16),
    NIL("PowerManagementSupported", BOOLEAN),
    NIL("PowerOnHours", UINT64),
    NIL("PrimaryStatus", UINT16),
    FIXED("RequestedState", UINT16, "12"),
    NIL("Status", STRING),
    FIXED_ARRAY("StatusDescriptions", STRING, "OK"),
    NIL("StatusInfo", UINT16),
    FIXED_KEY("SystemCreationClassName", "Msvm_ComputerSystem"),
    KEY("SystemName", get_system),
    NIL("TimeOfLastStateChange", DATETIME),
    NIL("TotalPowerOnHours", UINT64),
    FIXED("TransitioningToState", UINT16, "12"),
};

const struct cim_rows hv_logical_rows = { logical_rows, COUNT(logical_rows) };

/* ---- processors and memory ---- */

static void get_width(const void *object, struct arena *arena, struct cim_value *out)
{
    const char *arch = device_of(object)->hardware->arch;

    (void)arena;
    if (arch)
        out->text = strstr(arch, "64") || strcmp(arch, "s390x") == 0 ? "64" : "32";
}

static const struct cim_property processor_rows[] = {
    GET("AddressWidth", UINT16, get_width),
    NIL_ARRAY("Characteristics", UINT16),
    FIXED("CPUStatus", UINT16, "1"),
    NIL("CurrentClockSpeed", UINT32),
    GET("DataWidth", UINT16, get_width),
    NIL_ARRAY("EnabledProcessorCharacteristics", UINT16),
    NIL("ExternalBusClockSpeed", UINT32),
    FIXED("Family", UINT16, "2"),
    NIL("LoadPercentage", UINT16),
    NIL_ARRAY("LoadPercentageHistory", UINT16),
    NIL("MaxClockSpeed", UINT32),
    NIL("NumberOfEnabledCores", UINT16),
    NIL("OtherFamilyDescription", STRING),
    FIXED("Role", STRING, "Central Processor"),
    NIL("Stepping", STRING),
    NIL("UniqueID", STRING),
    NIL("UpgradeMethod", UINT16),
};

HV_LOGICAL_CLASS(msvm_processor, "Msvm_Processor", processor_rows, "CIM_Processor")

static void get_blocks(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, device_of(object)->hardware->memory_kib / 1024);
}

static const struct cim_property memory_rows[] = {
    FIXED("Access", UINT16, "3"),
    NIL_ARRAY("AdditionalErrorData", UINT8),
    FIXED("BlockSize", UINT64, "1048576"),
    GET("ConsumableBlocks", UINT64, get_blocks),
    NIL("CorrectableError", BOOLEAN),
    NIL("DataOrganization", UINT16),
    NIL("DataRedundancy", UINT16),
    NIL("DeltaReservation", UINT8),
    NIL("EndingAddress", UINT64),
    NIL("ErrorAccess", UINT16),
    NIL("ErrorAddress", UINT64),
    NIL_ARRAY("ErrorData", UINT8),
    NIL("ErrorDataOrder", UINT16),
    NIL("ErrorInfo", UINT16),
    NIL("ErrorMethodology", STRING),
    NIL("ErrorResolution", UINT64),
    NIL("ErrorTime", DATETIME),
    NIL("ErrorTransferSize", UINT32),
    NIL_ARRAY("ExtentDiscriminator", STRING),
    NIL_ARRAY("ExtentStatus", UINT16),
    NIL("IsBasedOnUnderlyingRedundancy", BOOLEAN),
    NIL("NameFormat", UINT16),
    NIL("NameNamespace", UINT16),
    NIL("NoSinglePointOfFailure", BOOLEAN),
    GET("NumberOfBlocks", UINT64, get_blocks),
    NIL("OtherErrorDescription", STRING),
    NIL("OtherNameFormat", STRING),
    NIL("OtherNameNamespace", STRING),
    NIL("PackageRedundancy", UINT16),
    FIXED("Primordial", BOOLEAN, "false"),
    NIL("Purpose", STRING),
    FIXED("SequentialAccess", BOOLEAN, "false"),
    NIL("StartingAddress", UINT64),
    NIL("SystemLevelAddress", BOOLEAN),
    FIXED("Volatile", BOOLEAN, "true"),
};

HV_LOGICAL_CLASS(msvm_memory, "Msvm_Memory", memory_rows, "CIM_Memory", "CIM_StorageExtent")

/* ---- controllers ---- */

static void get_protocol(const void *object, struct arena *arena, struct cim_value *out)
{
    (void)arena;
    if (device_of(object)->kind == HV_SCSI_CONTROLLER)
        out->text = "4"; /* SCSI Parallel Interface */
}

static const struct cim_property controller_rows[] = {
    NIL("MaxNumberControlled", UINT32),
    NIL("ProtocolDescription", STRING),
    GET("ProtocolSupported", UINT16, get_protocol),
    NIL("TimeOfLastReset", DATETIME),
};

HV_LOGICAL_CLASS(msvm_ide_controller, "Msvm_IDEController", controller_rows, "CIM_IDEController", "CIM_Controller")
HV_LOGICAL_CLASS(msvm_scsi_protocol_controller, "Msvm_SCSIProtocolController", controller_rows,
      "CIM_SCSIProtocolController", "CIM_ProtocolController", "CIM_Controller")
HV_LOGICAL_CLASS(msvm_diskette_controller, "Msvm_DisketteController", controller_rows, "CIM_Controller")

/* ---- drives ---- */

static void get_unit(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_number(out, arena, hv_device_unit(object));
}

static const struct cim_property disk_rows[] = {
    NIL_ARRAY("Capabilities", UINT16),
    NIL_ARRAY("CapabilityDescriptions", STRING),
    NIL("CompressionMethod", STRING),
    FIXED("DefaultBlockSize", UINT64, "512"),
    GET("DriveNumber", UINT32, get_unit),
    NIL("ErrorMethodology", STRING),
    NIL("LastCleaned", DATETIME),
    NIL("LoadTime", UINT64),
    NIL("MaxAccessTime", UINT64),
    NIL("MaxBlockSize", UINT64),
    NIL("MaxMediaSize", UINT64),
    NIL("MaxUnitsBeforeCleaning", UINT64),
    NIL("MediaIsLocked", BOOLEAN),
    NIL("MinBlockSize", UINT64),
    NIL("MountCount", UINT64),
    FIXED("NeedsCleaning", BOOLEAN, "false"),
    NIL("NumberOfMediaSupported", UINT32),
    NIL("Security", UINT16),
    NIL("TimeOfLastMount", DATETIME),
    NIL("TotalMountTime", UINT64),
    NIL("UncompressedDataRate", UINT32),
    NIL("UnitsDescription", STRING),
    NIL("UnitsUsed", UINT64),
    NIL("UnloadTime", UINT64),
};

HV_LOGICAL_CLASS(msvm_disk_drive, "Msvm_DiskDrive", disk_rows, "CIM_DiskDrive", "CIM_MediaAccessDevice")

static const struct cim_property drive_rows[] = {
    NIL_ARRAY("Capabilities", UINT16),
    NIL_ARRAY("CapabilityDescriptions", STRING),
    NIL("CompressionMethod", STRING),
    NIL("DefaultBlockSize", UINT64),
    NIL("ErrorMethodology", STRING),
    NIL("LastCleaned", DATETIME),
    NIL("LoadTime", UINT64),
    NIL("MaxAccessTime", UINT64),
    NIL("MaxBlockSize", UINT64),
    NIL("MaxMediaSize", UINT64),
    NIL("MaxUnitsBeforeCleaning", UINT64),
    NIL("MediaIsLocked", BOOLEAN),
    NIL("MinBlockSize", UINT64),
    NIL("MountCount", UINT64),
    FIXED("NeedsCleaning", BOOLEAN, "false"),
    NIL("NumberOfMediaSupported", UINT32),
    NIL("Security", UINT16),
    NIL("TimeOfLastMount", DATETIME),
    NIL("TotalMountTime", UINT64),
    NIL("UncompressedDataRate", UINT32),
    NIL("UnitsDescription", STRING),
    NIL("UnitsUsed", UINT64),
    NIL("UnloadTime", UINT64),
};

HV_LOGICAL_CLASS(msvm_dvd_drive, "Msvm_DVDDrive", drive_rows, "CIM_DVDDrive", "CIM_MediaAccessDevice")
HV_LOGICAL_CLASS(msvm_diskette_drive, "Msvm_DisketteDrive", drive_rows, "CIM_DisketteDrive",
      "CIM_MediaAccessDevice")

/* ---- ports ---- */

static void get_mac(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_text(out, arena, hv_nic_of(object)->mac);
}

static void get_macs(const void *object, struct arena *arena, struct cim_value *out)
{
    hv_list(out, arena, (const char *const[]){ hv_nic_of(object)->mac }, 1);
}

static const struct cim_property port_rows[] = {
    NIL("ActiveMaximumTransmissionUnit", UINT64),
    NIL("AutoSense", BOOLEAN),
    NIL_ARRAY("Capabilities", UINT16),
    NIL_ARRAY("CapabilityDescriptions", STRING),
    NIL_ARRAY("EnabledCapabilities", UINT16),
    FIXED("FullDuplex", BOOLEAN, "true"),
    FIXED("LinkTechnology", UINT16, "2"),
    NIL("MaxDataSize", UINT32),
    FIXED("MaxSpeed", UINT64, "10000000000"),
    GET_ARRAY("NetworkAddresses", STRING, get_macs),
    NIL_ARRAY("OtherEnabledCapabilities", STRING),
    NIL("OtherLinkTechnology", STRING),
    NIL("OtherNetworkPortType", STRING),
    NIL("OtherPortType", STRING),
    GET("PermanentAddress", STRING, get_mac),
    NIL("PortNumber", UINT16),
    NIL("PortType", UINT16),
    NIL("RequestedSpeed", UINT64),
    FIXED("Speed", UINT64, "10000000000"),
    NIL("SupportedMaximumTransmissionUnit", UINT64),
    NIL("UsageRestriction", UINT16),
};

#define SUPER_PORT "CIM_EthernetPort", "CIM_NetworkPort", "CIM_LogicalPort"

HV_LOGICAL_CLASS(msvm_synthetic_ethernet_port, "Msvm_SyntheticEthernetPort", port_rows, SUPER_PORT)
HV_LOGICAL_CLASS(msvm_emulated_ethernet_port, "Msvm_EmulatedEthernetPort", port_rows, SUPER_PORT)

static const struct cim_property serial_rows[] = {
    NIL_ARRAY("Capabilities", UINT16),
    NIL_ARRAY("CapabilityDescriptions", STRING),
    FIXED("MaxBaudRate", UINT32, "115200"),
    NIL("MaxNumberControlled", UINT32),
    NIL("MaxSpeed", UINT64),
    NIL("OtherPortType", STRING),
    NIL("PortType", UINT16),
    NIL("ProtocolDescription", STRING),
    NIL("ProtocolSupported", UINT16),
    NIL("RequestedSpeed", UINT64),
    NIL("SettableFlowControl", BOOLEAN),
    NIL("Speed", UINT64),
    NIL("TimeOfLastReset", DATETIME),
    NIL("UsageRestriction", UINT16),
};

HV_LOGICAL_CLASS(msvm_serial_port, "Msvm_SerialPort", serial_rows, "CIM_SerialPort", "CIM_LogicalPort")
