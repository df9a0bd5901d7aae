/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Instances, references and values as XML (DSP0230, in Windows' shapes).
 */
#ifndef CIMSNAPD_WSMAN_ENCODE_H
#define CIMSNAPD_WSMAN_ENCODE_H

#include "base/strbuf.h"
#include "cim/class.h"
#include "cim/reference.h"
#include "wsman/request.h"

struct encoder {
    struct strbuf *out;
    struct cim_call *call; /* values are made in its arena */
    enum uri_form form;
};

/* <p:Class ...>properties</p:Class>, its namespaces declared on itself. */
void encode_instance(struct encoder *e, const struct cim_instance *instance);
/* The same as an instance of a base class: of its name, with those properties that both have. */
void encode_instance_as(struct encoder *e, const struct cim_instance *instance,
                        const struct cim_class *as);
/* <w:XmlFragment ...>: the named properties only (__PATH and its kin too), without
 * namespace. */
void encode_fragment(struct encoder *e, const struct cim_instance *instance,
                     const char *const *columns, size_t count);
/* The contents of an endpoint reference: a:Address and a:ReferenceParameters. */
void encode_reference(struct encoder *e, const struct cim_ref *ref);
/* <a:EndpointReference>...</a:EndpointReference> of an instance. */
void encode_epr(struct encoder *e, const struct cim_instance *instance);
/* <PREFIXname>value</PREFIXname>; nil for NULL, nothing for a NULL array. */
void encode_value(struct encoder *e, const char *prefix, const struct cim_property *property,
                  const struct cim_value *value);

#endif
