/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What machines are made of, and the host.
 */
#include "core/core_inside.h"

int core_host_get(struct core *core, const struct principal *who, struct host *out,
                  struct error *err)
{
    *out = (struct host){ 0 };
    return core_allow(who, ROLE_VIEWER, err) ? -1 : backend_host(core->backend, out, err);
}

int core_network_list(struct core *core, const struct principal *who, struct network_list *out,
                      struct error *err)
{
    *out = (struct network_list){ 0 };
    return core_allow(who, ROLE_VIEWER, err) ? -1 : backend_network_list(core->backend, out, err);
}

int core_hardware_get(struct core *core, const struct principal *who, const struct guid *vm,
                      const struct guid *snapshot, struct hardware *out, struct error *err)
{
    *out = (struct hardware){ 0 };
    if (core_sees(core, who, vm, err))
        return -1;
    if (snapshot && jobs_withhold(core->jobs, snapshot))
        return error_set(err, ERR_NOT_FOUND, NULL);
    return backend_hardware(core->backend, vm, snapshot, out, err);
}
