/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Namespaces and URIs of WS-Management (DSP0226, MS-WSMV), with the prefixes that Windows binds them to.
 */
#ifndef CIMSNAPD_WSMAN_NAMES_H
#define CIMSNAPD_WSMAN_NAMES_H

#define NS_S     "http://www.w3.org/2003/05/soap-envelope"
#define NS_A     "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define NS_W     "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
#define NS_N     "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define NS_X     "http://schemas.xmlsoap.org/ws/2004/09/transfer"
#define NS_E     "http://schemas.xmlsoap.org/ws/2004/08/eventing"
#define NS_B     "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
#define NS_P     "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
#define NS_F     "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
#define NS_WSMID "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
#define NS_XSI   "http://www.w3.org/2001/XMLSchema-instance"
#define NS_XML   "http://www.w3.org/XML/1998/namespace"
#define NS_XMLNS "http://www.w3.org/2000/xmlns/"
#define NS_CIM   "http://schemas.dmtf.org/wbem/wscim/1/common"

#define ANONYMOUS NS_A "/role/anonymous"

#define URI_MICROSOFT "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
#define URI_DMTF      "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
#define URI_DMTF_ALL  "http://schemas.dmtf.org/wbem/wscim/1/*"

#define DIALECT_WQL         "http://schemas.microsoft.com/wbem/wsman/1/WQL"
#define DIALECT_CQL         "http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf"
#define DIALECT_XPATH       "http://www.w3.org/TR/1999/REC-xpath-19991116"
#define DIALECT_SELECTOR    "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
#define DIALECT_ASSOCIATION "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"

#define FAULT_DETAIL "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"

#endif
