/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the service publishes of itself, made from the class tables: XSD of a class and its methods (DSP0230),
 * and a WSDL that stands alone, for tools that make clients.
 */
#ifndef CIMSNAPD_WSMAN_SCHEMA_H
#define CIMSNAPD_WSMAN_SCHEMA_H

#include "base/config.h"
#include "base/strbuf.h"
#include "cim/class.h"

/* The xs:schema of the class's namespace: the type of its instances and the messages of its methods. It
 * imports the namespaces of addressing and of cim:common; where: their schemaLocation, or NULL. */
void schema_class(struct strbuf *out, const struct cim_class *class, const char *where);
/* The xs:schema that class schemas import, by its namespace: that of addressing, wsman or common. */
void schema_common(struct strbuf *out, const char *ns);
/* WSDL 1.1 with all schemas inside; address: the URL of the service. */
void schema_wsdl(struct strbuf *out, const struct cim_class *class, const char *address);

/* Of which class a WSDL tells where none is named. */
#define SCHEMA_SERVICE "Msvm_VirtualSystemSnapshotService"
/* The class of that name, as CLASS or NAMESPACE:CLASS; without a namespace the first there is. Or NULL. */
const struct cim_class *schema_find(const char *name);

/* The command "cimsnapd schema --mof [CLASS] | --xsd CLASS | --wsdl [CLASS]": exit status. */
int schema_command(int argc, char **argv, const struct config *config);

#endif
